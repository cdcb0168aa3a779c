/** A file as it came over the wire. */
export interface WireFile {
  /** The multipart field, e.g. `files[0]`. */
  field: string;
  name: string;
  contentType: string;
  bytes: Uint8Array;
}

/** One request of the bot and how it was answered. */
export interface RecordedRequest {
  /** Discord: `PATCH /channels/:channel/messages/:message`; Telegram: `sendPhoto`. */
  route: string;
  path: string;
  body: unknown;
  files: readonly WireFile[];
  /** HTTP status; 0 while unanswered, and when the connection was cut instead. */
  status: number;
  atMs: number;
}

/** Something that the bot did and a careful bot would not: the service refused it for the bot's own fault, or lets it pass with a loss. */
export interface Violation {
  route: string;
  reason: string;
}

/** What a fake remembers for assertions. */
export class Record {
  readonly requests: RecordedRequest[] = [];
  readonly violations: Violation[] = [];

  /** Requests of one route, oldest first. */
  of(route: string): RecordedRequest[] {
    return this.requests.filter((request) => request.route === route);
  }

  blame(route: string, reason: string): void {
    this.violations.push({ route, reason });
  }
}
