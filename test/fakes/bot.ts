import { consentForAll } from '../contracts/consent.ts';
import { onTestFinished } from 'vitest';
import { type App, type AppOptions, startApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import type { EngineHost } from '../../src/engine/process/host.ts';
import { createLog } from '../../src/log.ts';
import { ensureCommunity } from '../../src/store/communities.ts';
import { ensurePerson } from '../../src/store/people.ts';
import type { Job } from '../../src/store/jobs.ts';
import { ChatAdapter, ChatClient } from './chat-adapter.ts';
import { startChat } from './chat.ts';
import { createStubHost } from './stub-host.ts';

/** @property pictureMs engine time of a picture. @property env settings beside the test's own. */
export interface BotOptions extends Partial<Omit<AppOptions, 'config' | 'engines'>> {
  readonly dataDir: string;
  /** Of the small chat; unused where `connect` is given. */
  readonly chatOrigin: string;
  readonly pictureMs?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** What somebody asks for, in words of the test. */
export interface Wanted {
  readonly key: string;
  readonly room?: string;
  readonly user?: string;
  readonly count?: number;
  readonly photo?: Uint8Array;
}

export type TestBot = App & {
  readonly engine: EngineHost;
  /** Posts a placeholder and submits. */
  ask(wanted: Wanted): Promise<Job>;
  /** What `/readyz` says. */
  readiness(): Promise<{ readonly status: number; readonly body: unknown }>;
};

/** A chat for the running test. */
export async function chatForTest(): Promise<{ readonly chat: ChatClient; readonly origin: string }> {
  const { origin, close } = await startChat();
  onTestFinished(close);
  return { chat: new ChatClient(origin), origin };
}

/** The whole program with a stand-in engine, in this process; closed when the test is over, if it has not been before. */
export async function startTestBot({ dataDir, chatOrigin, pictureMs = 5, env, ...rest }: BotOptions): Promise<TestBot> {
  const engine = createStubHost(pictureMs);
  onTestFinished(() => engine.close());
  const app = await startApp({
    config: readConfig({ COWBOT_DATA: dataDir, COWBOT_PORT: '0', COWBOT_MIN_FREE_MIB: '0', ...env }),
    clock: Date.now,
    log: createLog('silent'),
    engines: [{ name: 'stub', host: engine }],
    connect: [() => ({ adapter: new ChatAdapter(chatOrigin), listen: async () => {} })],
    retry: { firstBackoffMs: 5, maxBackoffMs: 20 },
    delivery: { firstBackoffMs: 5, maxBackoffMs: 20, pollMs: 100 },
    ...rest,
  });
  await consentForAll(app.store);
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (isOpen) await app.close();
    isOpen = false;
  };
  onTestFinished(close);
  const chat = new ChatClient(chatOrigin);
  return {
    ...app,
    engine,
    close,
    ask: (wanted) => ask(app, chat, wanted),
    async readiness() {
      const response = await fetch(`http://127.0.0.1:${app.port}/readyz`);
      return { status: response.status, body: await response.json() };
    },
  };
}

async function ask(
  { store, jobs }: App,
  chat: ChatClient,
  { key, room = 'c1', user = 'anna', count = 1, photo }: Wanted,
): Promise<Job> {
  const { id: message } = await chat.post(room, key, 'in the queue');
  const { personId, communityId } = await store.transaction(async (tx) => ({
    personId: await ensurePerson(tx, { platform: 'test', platformUserId: user, newPersonId: user, at: 1 }),
    communityId: await ensureCommunity(tx, { platform: 'test', platformChatId: room, newCommunityId: room, at: 1 }),
  }));
  const { job } = await jobs.submit({
    idempotencyKey: key,
    personId,
    communityId,
    platform: 'test',
    address: { chat: room, message },
    wish: { prompt: key, photos: photo === undefined ? [] : [{ keep: 'whole' }], parameters: {}, seed: 7, count },
    photos: photo === undefined ? [] : [{ photo }],
  });
  return job;
}
