/** The adapter on the fake Telegram, with whatever a test puts in the place of the commands. */
import { onTestFinished } from 'vitest';
import sharp from 'sharp';
import { TelegramAdapter, type TelegramOptions } from '../../../adapters/telegram/index.ts';
import type { Act, Actor, PhotoHandle, Scene } from '../../../commands/contract/act.ts';
import type { Chat, HandleAct } from '../../../commands/contract/chat.ts';
import { openLanguages } from '../../../commands/languages/languages.ts';
import { createLog } from '../../../src/log.ts';
import type { Content, DeliveredPicture } from '../../../src/jobs/adapter.ts';
import { FakeTelegram, type FakeTelegramOptions } from '../../fakes/telegram/index.ts';

export interface Heard {
  readonly act: Act;
  readonly actor: Actor;
  readonly scene: Scene;
  readonly chat: Chat;
}

export interface Stand {
  readonly telegram: FakeTelegram;
  readonly adapter: TelegramAdapter;
  /** Every act, oldest first. */
  readonly heard: Heard[];
  /** The act that comes next, or came already: each call takes one. */
  readonly next: () => Promise<Heard>;
  /** Everything that was logged. */
  readonly log: () => string;
}

export interface StandOptions {
  readonly fake?: FakeTelegramOptions;
  readonly adapter?: Partial<TelegramOptions>;
  readonly apiUrl?: (telegram: FakeTelegram) => Promise<string>;
  /** Answers each act; nothing is answered where absent. */
  readonly handle?: HandleAct;
}

const never = new AbortController().signal;

/** A fake and an adapter that does not take acts yet. */
export async function openStand({ fake = {}, adapter: changed = {}, apiUrl, handle }: StandOptions = {}) {
  const telegram = await FakeTelegram.open(fake);
  const lines: string[] = [];
  const adapter = new TelegramAdapter({
    token: telegram.token,
    apiUrl: (await apiUrl?.(telegram)) ?? telegram.apiUrl,
    updates: { kind: 'polling' },
    wordsOf: openLanguages(),
    messageMoved: async () => {},
    chatMoved: async () => {},
    downloadTimeoutMs: 20_000,
    albumWaitMs: 60,
    drainMs: 5000,
    clock: () => telegram.clock.now(),
    log: createLog('debug', (line) => lines.push(line)),
    ...changed,
  });
  onTestFinished(async () => {
    await adapter.close();
    await telegram.close();
  });
  const heard: Heard[] = [];
  let taken = 0;
  const next = async (): Promise<Heard> => {
    const at = taken++;
    return telegram.until(() => heard[at], `act ${at + 1}`);
  };
  const listen: HandleAct = async (act, actor, scene, chat) => {
    heard.push({ act, actor, scene, chat });
    await handle?.(act, actor, scene, chat);
  };
  return { telegram, adapter, heard, next, log: () => lines.join(''), listen };
}

/** The same, taking acts. */
export async function startStand(options: StandOptions = {}): Promise<Stand> {
  const { listen, ...stand } = await openStand(options);
  await stand.adapter.start(listen);
  return stand;
}

export async function painted(colour: string, width = 64, height = 48): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: colour } })
    .png()
    .toBuffer();
}

export function delivered(number: number, png: Uint8Array, widthPx = 64, heightPx = 48): DeliveredPicture {
  return { number, seed: number, widthPx, heightPx, png: async () => png };
}

export function content(parts: Partial<Content> = {}): Content {
  return {
    jobId: 'j1',
    state: 'done',
    prompt: 'a knight',
    pictures: [],
    isUnshared: false,
    code: null,
    sentence: null,
    ...parts,
  };
}

/** The mean of each channel, 0..255, rounded to sixteenths. */
export async function colourOf(bytes: Uint8Array | undefined): Promise<number[]> {
  const { channels } = await sharp(bytes).stats();
  return channels.slice(0, 3).map(({ mean }) => Math.round(mean / 16));
}

export function photosOf({ act }: Heard): readonly PhotoHandle[] {
  return 'photos' in act ? act.photos : [];
}

export async function readPhoto(handle: PhotoHandle | undefined): Promise<Uint8Array> {
  if (handle === undefined) throw new Error('Expected a photo.');
  return handle.read(never);
}
