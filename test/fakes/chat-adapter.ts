import { RemoteError } from '../../src/errors.ts';
import { sha256 } from '../../src/store/blobs.ts';
import type { Adapter, Address, Connection, Content, DeliverResult, JobProgress } from '../../src/jobs/adapter.ts';
import type { ChatMode, Message, Shown, Update } from './chat.ts';

/** The bot's side of the small chat: what the adapters of real platforms are, without their formats. */
export class ChatAdapter implements Adapter {
  readonly platform = 'test';
  connection: Connection = { kind: 'up' };
  readonly #chat: ChatClient;
  readonly #closing = new AbortController();

  constructor(origin: string) {
    this.#chat = new ChatClient(origin);
  }

  async deliver(
    address: Address,
    content: Content,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<DeliverResult> {
    const stop = AbortSignal.any([signal, this.#closing.signal]);
    const { status, value } = await this.#chat.edit(address, await shownOf(content), stop);
    if (status === 200) return { kind: 'sent', receipt: { message: String(value.message) } };
    if (status === 429) return { kind: 'later', reason: 'The chat is busy.', retryAfterMs: Number(value.retryAfterMs) };
    if (status === 410 || status === 404) return { kind: 'never', reason: String(value.error) };
    throw new RemoteError('chat', `The chat answered ${status}.`, { status });
  }

  async showProgress(
    address: Address,
    progress: JobProgress,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<void> {
    const stop = AbortSignal.any([signal, this.#closing.signal]);
    await this.#chat.edit(address, { text: JSON.stringify(progress) }, stop);
  }

  /** This chat lets nothing go: the message loses what it shows. */
  async remove(address: Address, { signal }: { readonly signal: AbortSignal }): Promise<DeliverResult> {
    const stop = AbortSignal.any([signal, this.#closing.signal]);
    const { status, value } = await this.#chat.edit(address, { text: '' }, stop);
    if (status === 200 || status === 410 || status === 404) return { kind: 'sent', receipt: {} };
    return { kind: 'later', reason: String(value.error) };
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('The adapter was closed.'));
  }
}

async function shownOf({ jobId, state, sentence, pictures }: Content): Promise<Shown> {
  const hashes: string[] = [];
  for (const picture of pictures) hashes.push(sha256(await picture.png()));
  return { text: sentence ?? state, job: jobId, state, pictures: hashes };
}

interface Answer {
  readonly status: number;
  readonly value: Record<string, unknown>;
}

/** The small chat's own interface, for the adapter and for whoever plays the people in it. */
export class ChatClient {
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
  }

  async post(chat: string, nonce: string, text: string): Promise<Message> {
    return this.#call<Message>('/post', { chat, nonce, text });
  }

  async edit({ chat, message }: Address, shown: Shown, signal: AbortSignal): Promise<Answer> {
    const response = await fetch(`${this.#origin}/edit`, {
      method: 'POST',
      body: JSON.stringify({ chat, message, shown }),
      signal,
    });
    return { status: response.status, value: (await response.json()) as Record<string, unknown> };
  }

  async setMode(chat: string, mode: ChatMode): Promise<void> {
    await this.#call('/mode', { chat, mode });
  }

  async say(updates: readonly Omit<Update, 'id'>[]): Promise<void> {
    await this.#call('/say', { updates });
  }

  /** The next updates that were not confirmed, at most 20. */
  async updates(): Promise<readonly Update[]> {
    return this.#call<readonly Update[]>('/updates');
  }

  async confirm(id: number): Promise<void> {
    await this.#call('/confirm', { id });
  }

  async confirmed(): Promise<{ readonly upTo: number; readonly of: number }> {
    return this.#call<{ upTo: number; of: number }>('/confirmed');
  }

  async messages(chat?: string): Promise<readonly Message[]> {
    return this.#call<readonly Message[]>(`/messages${chat === undefined ? '' : `?chat=${encodeURIComponent(chat)}`}`);
  }

  async #call<T>(path: string, body?: unknown): Promise<T> {
    const response = await fetch(
      `${this.#origin}${path}`,
      body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) },
    );
    if (!response.ok) throw new RemoteError('chat', `The chat answered ${response.status}.`);
    return (await response.json()) as T;
  }
}
