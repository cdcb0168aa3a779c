import { createHmac, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendBytes } from '../wire/bytes.ts';
import type { Misbehaviour } from '../wire/bytes.ts';
import type { WireClock } from '../wire/clock.ts';
import { serve } from '../wire/serve.ts';
import type { Listening } from '../wire/serve.ts';
import type { Attachment } from './model.ts';

const linkLifeMs = 24 * 3600_000;

/** The file server on its own origin: signed links that expire after 24 h. */
export class Cdn {
  /** Paths that were asked for, with the answer's status. */
  readonly requests: { path: string; status: number }[] = [];
  readonly #clock: WireClock;
  readonly #key = randomBytes(32);
  readonly #files = new Map<string, { attachment: Attachment; misbehaviour: Misbehaviour }>();
  #listening: Listening | undefined;

  constructor(clock: WireClock) {
    this.#clock = clock;
  }

  get origin(): string {
    if (this.#listening === undefined) throw new Error('The CDN is not open.');
    return this.#listening.origin;
  }

  async open(): Promise<void> {
    this.#listening = await serve((request, response) => void this.#answer(request, response));
  }

  async close(): Promise<void> {
    await this.#listening?.close();
  }

  keep(attachment: Attachment, misbehaviour: Misbehaviour = {}): void {
    this.#files.set(attachment.path, { attachment, misbehaviour });
  }

  /** A fresh signed link; each message payload carries new ones. */
  link(attachment: Attachment): string {
    const seconds = (ms: number): string => Math.floor(ms / 1000).toString(16);
    const is = seconds(this.#clock.now());
    const ex = seconds(this.#clock.now() + linkLifeMs);
    return `${this.origin}${attachment.path}?ex=${ex}&is=${is}&hm=${this.#signature(attachment.path, ex, is)}&`;
  }

  misbehave(attachment: Attachment, misbehaviour: Misbehaviour): void {
    this.keep(attachment, misbehaviour);
  }

  /** Forgets one file, or all of them. */
  drop(attachment?: Attachment): void {
    if (attachment === undefined) this.#files.clear();
    else this.#files.delete(attachment.path);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.origin);
    const [ex, is, hm] = ['ex', 'is', 'hm'].map((name) => url.searchParams.get(name) ?? '');
    const entry = this.#files.get(url.pathname);
    const valid = hm === this.#signature(url.pathname, ex, is) && Number.parseInt(ex, 16) * 1000 > this.#clock.now();
    const status = entry === undefined || !valid || request.method !== 'GET' ? 404 : (entry.misbehaviour.status ?? 200);
    this.requests.push({ path: url.pathname, status });
    if (entry === undefined || status === 404) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('This content is no longer available.');
      return;
    }
    await sendBytes(response, entry.attachment.bytes, entry.attachment.contentType, entry.misbehaviour);
  }

  #signature(path: string, ex: string, is: string): string {
    return createHmac('sha256', this.#key).update(`${path}\n${ex}\n${is}`).digest('hex');
  }
}
