/**
 * The bot of the crash harness: the whole program with a stand-in engine and the small chat, that dies where it is told
 * to. Its only argument is its orders in JSON.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { type AppServices, type Platform, startApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { Refusal } from '../../src/errors.ts';
import { createLog } from '../../src/log.ts';
import { ensureCommunity } from '../../src/store/communities.ts';
import { jobByIdempotencyKey } from '../../src/store/jobs.ts';
import { ensurePerson } from '../../src/store/people.ts';
import { openStore } from '../../src/store/store.ts';
import { ChatClient } from '../../test/fakes/chat-adapter.ts';
import type { Update } from '../../test/fakes/chat.ts';
import { createStubHost } from '../../test/fakes/stub-host.ts';
import { DyingAdapter, endWithStarter, hastyDelivery, hastyRetry, hastySettings, say, toldPoint } from './dying-bot.ts';
import { withFaultPoints } from './fault-points.ts';
import type { BotOrders } from './processes.ts';
import { type Asked, photoOf, requestKey } from './requests.ts';

const orders = JSON.parse(process.argv[2] ?? '') as BotOrders;
const chat = new ChatClient(orders.chatOrigin);
const stop = new AbortController();

const faultPoint = toldPoint(orders.death);

const host = createStubHost(orders.pictureMs, {
  onProcess: (event) => {
    if (event.kind === 'started') say({ kind: 'engine', pid: event.pid });
  },
});

const app = await startApp({
  config: readConfig({ ...hastySettings, COWBOT_DATA: orders.dataDir }),
  clock: Date.now,
  log: createLog('error'),
  engines: [{ name: 'stub', host }],
  connect: [connect],
  open: async (options) => withFaultPoints(await openStore(options), faultPoint),
  delivery: hastyDelivery,
  // All kills may hit the same picture, which is no fault of the picture's.
  retry: { ...hastyRetry, maxLosses: 1000 },
});
say({ kind: 'ready' });
process.once('SIGTERM', () => {
  stop.abort();
  void app.close();
});
endWithStarter();

function connect(services: AppServices): Platform {
  return { adapter: new DyingAdapter(orders.chatOrigin, faultPoint), listen: async () => void listen(services) };
}

/** Hears every update until it is confirmed, as platforms with long polling do. */
async function listen(services: AppServices): Promise<void> {
  while (!stop.signal.aborted) {
    const updates = await chat.updates();
    for (const update of updates) {
      await take(services, update);
      faultPoint('before a request is confirmed');
      await chat.confirm(update.id);
    }
    if (updates.length === 0) await delay(20);
  }
}

/** A placeholder, then the job, then the confirmation: an update that comes twice finds both. */
async function take({ store, jobs }: AppServices, { id, chat: room, user, body }: Update): Promise<void> {
  const { prompt, count, hasPhoto, cancels } = body as Asked;
  const { id: message } = await chat.post(room, requestKey(id), 'in the queue');
  faultPoint('after the placeholder');
  const { personId, communityId } = await store.transaction(async (tx) => ({
    personId: await ensurePerson(tx, who(user)),
    communityId: await ensureCommunity(tx, where(room)),
  }));
  await jobs.submit({
    idempotencyKey: requestKey(id),
    personId,
    communityId,
    platform: 'test',
    address: { chat: room, message },
    wish: { prompt, photos: hasPhoto ? [{ keep: 'whole' }] : [], parameters: {}, seed: id, count },
    photos: hasPhoto ? [{ photo: await photoOf(id) }] : [],
  });
  if (cancels === undefined) return;
  const job = await jobByIdempotencyKey(store.db, requestKey(cancels));
  if (job === undefined) return;
  await jobs.cancel(job.id, `person:${personId}`).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error;
  });
}

const who = (user: string) => ({ platform: 'test', platformUserId: user, newPersonId: randomUUID(), at: Date.now() });
const where = (room: string) => ({
  platform: 'test',
  platformChatId: room,
  newCommunityId: randomUUID(),
  at: Date.now(),
});
