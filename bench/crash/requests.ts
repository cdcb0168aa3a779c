/** What the people in the crash harness ask for, and in which chats. */
import sharp from 'sharp';

import type { ChatClient } from '../../test/fakes/chat-adapter.ts';

const chats = 12;
const people = 30;

/** What an update says; the adapter of the harness understands nothing else. */
export interface Asked {
  readonly prompt: string;
  readonly count: number;
  readonly hasPhoto: boolean;
  /** The number of the request before which its owner takes back. */
  readonly cancels: number | undefined;
}

/** @param update number of the update, 1 for the first. */
export function requestKey(update: number): string {
  return `test:${update}`;
}

/** A small photo of one colour, the same for every fourth request of a person. */
export async function photoOf(update: number): Promise<Uint8Array> {
  const background = { r: (update * 40) % 256, g: update % 4, b: 90 };
  return sharp({ create: { width: 64, height: 64, channels: 3, background } })
    .png()
    .toBuffer();
}

/** Everybody asks at once; some chats are busy, stuck, deaf or gone. */
export async function asking(chat: ChatClient, jobs: number): Promise<void> {
  await chat.say(
    Array.from({ length: jobs }, (_, i) => {
      const body: Asked = {
        prompt: `request ${i + 1}`,
        count: i % 10 === 0 ? 2 : 1,
        hasPhoto: i % 4 === 0,
        cancels: i % 25 === 24 ? i : undefined,
      };
      return { chat: `chat-${i % chats}`, user: `user-${i % people}`, body };
    }),
  );
  await chat.setMode('chat-1', { kind: 'busy', times: Math.ceil(jobs / 10), retryAfterMs: 50 });
  await chat.setMode('chat-2', { kind: 'stuck', times: 5 });
  await chat.setMode('chat-3', { kind: 'deaf', times: 5 });
  await chat.setMode('chat-4', { kind: 'gone' });
}
