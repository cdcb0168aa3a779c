/** A failed call: HTTP status and `error_code`, `description`, and `parameters` where the service gives some. */
export class TelegramRefusal extends Error {
  readonly code: number;
  /** The bot's own mistake becomes a violation; the state of the world (a blocked bot) does not. */
  readonly blame: 'bot' | 'world';
  readonly parameters: { retry_after?: number; migrate_to_chat_id?: number } | undefined;

  constructor(
    code: number,
    description: string,
    options: { blame?: 'bot' | 'world'; parameters?: { retry_after?: number; migrate_to_chat_id?: number } } = {},
  ) {
    super(description);
    this.code = code;
    this.blame = options.blame ?? 'bot';
    this.parameters = options.parameters;
  }

  body(): object {
    const parameters = this.parameters === undefined ? {} : { parameters: this.parameters };
    return { ok: false, error_code: this.code, description: this.message, ...parameters };
  }
}

/** The bot asked for something malformed. */
export const badRequest = (text: string): TelegramRefusal => new TelegramRefusal(400, `Bad Request: ${text}`);

/** A well-formed request that the state of a chat does not allow. */
export const impossible = (text: string): TelegramRefusal =>
  new TelegramRefusal(400, `Bad Request: ${text}`, { blame: 'world' });

export const forbidden = (text: string): TelegramRefusal =>
  new TelegramRefusal(403, `Forbidden: ${text}`, { blame: 'world' });

export function tooManyRequests(seconds: number): TelegramRefusal {
  return new TelegramRefusal(429, `Too Many Requests: retry after ${seconds}`, {
    blame: 'world',
    parameters: { retry_after: seconds },
  });
}
