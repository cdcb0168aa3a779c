/**
 * The three ways in which something can fail. They are told apart because three different people act on them: whoever
 * asked (a refusal), the operator of another service (a remote error), and us (a fault).
 */

/** What a refusal's sentence is filled with; kept beside the sentence so that a catalogue can say it in another language. */
export type RefusalDetails = Readonly<Record<string, string | number | boolean>>;

/**
 * The person can mend it. `message` is one English sentence that says how; `code` names the refusal for catalogues,
 * tests and metrics (`photo.too-large`, `parameters.size`).
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: string;
  readonly details: RefusalDetails;

  constructor(code: string, message: string, details: RefusalDetails = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }
}

/** A service on the other side of a wire said no. `retryAfterMs` is set where it said when to come back. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError';
  readonly service: string;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(
    service: string,
    message: string,
    options: ErrorOptions & { status?: number; retryAfterMs?: number } = {},
  ) {
    super(message, options);
    this.service = service;
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Ours: a broken invariant, a dead child process, a full disk. Keeps its cause. `mayPass` says that trying again can help. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly mayPass: boolean;

  constructor(message: string, options: ErrorOptions & { mayPass?: boolean } = {}) {
    super(message, options);
    this.mayPass = options.mayPass ?? false;
  }
}

/** A value as an error message shows it: short, quoted, never more than 60 characters. */
export function shown(value: unknown): string {
  let text: string | undefined;
  try {
    // JSON has no NaN and no infinity, and would show both as null.
    if (typeof value === 'number') text = String(value);
    else text = typeof value === 'string' ? `"${value}"` : value === undefined ? 'nothing' : JSON.stringify(value);
  } catch {
    text = undefined;
  }
  text ??= String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
