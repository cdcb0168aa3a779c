/**
 * The bot of the moderation crowd: the whole program with a stand-in engine and the small chat, full of people, that dies
 * where it is told to. Its only argument is its orders in JSON.
 */
import { setTimeout as delay } from 'node:timers/promises';

import { type AppServices, startApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { Refusal } from '../../src/errors.ts';
import type { DeliverResult } from '../../src/jobs/adapter.ts';
import { createLog } from '../../src/log.ts';
import type { NoticeBoard } from '../../src/moderation/notice-board.ts';
import { caseById } from '../../src/store/cases.ts';
import type { Notice } from '../../src/store/notices.ts';
import { openStore, type Store, type StoreOptions } from '../../src/store/store.ts';
import type { JsonObject } from '../../src/store/tables.ts';
import { ChatClient } from '../../test/fakes/chat-adapter.ts';
import { createStubHost } from '../../test/fakes/stub-host.ts';
import {
  DyingAdapter,
  endWithStarter,
  hastyDelivery,
  hastyRetry,
  hastySettings,
  say,
  toldPoint,
} from '../crash/dying-bot.ts';
import { withFaultPoints } from '../crash/fault-points.ts';
import { seeded } from '../random.ts';
import { closedChannel, type CrowdOrders, operator } from './orders.ts';
import { ask, beBusy, type Crowd, moveIn, settle } from './people.ts';

const orders = JSON.parse(process.argv[2] ?? '') as CrowdOrders;
const chat = new ChatClient(orders.chatOrigin);
const random = seeded(orders.seed);
const pictureMs = 10;
/** An hour, the least that a picture may wait for a moderator, is three seconds. */
const haste = 1_200;
const epochMs = Date.UTC(2026, 0, 1);
const clock = (): number => Math.floor(epochMs + (Date.now() - epochMs) * haste);

const faultPoint = toldPoint(orders.death);

/** One notice in ten has to be tried again. */
const troubleShare = 0.1;

function textIn(row: JsonObject, name: string): string {
  const value = row[name];
  return typeof value === 'string' ? value : '';
}

function boardOn({ store }: AppServices): NoticeBoard {
  const text = async ({ kind, caseId }: Notice): Promise<string> => {
    const one = caseId === null ? undefined : await caseById(store.db, caseId);
    return [kind, one?.state ?? '-', one?.decision ?? '-'].join(' ');
  };
  return {
    async post(notice): Promise<DeliverResult> {
      const place = textIn(notice.target, 'channelId') || textIn(notice.target, 'userId');
      if (place === closedChannel) return { kind: 'never', reason: 'The channel is gone.' };
      if (random() < troubleShare) return { kind: 'later', reason: 'The chat is busy.', retryAfterMs: 1 };
      faultPoint('before a notice is posted');
      const { id: message } = await chat.post(place, notice.id, await text(notice));
      faultPoint('after a notice is posted');
      return { kind: 'sent', receipt: { chat: place, message } };
    },
    async refresh(notice, signal): Promise<DeliverResult> {
      const place = textIn(notice.receipt ?? {}, 'chat');
      const message = textIn(notice.receipt ?? {}, 'message');
      await chat.edit({ chat: place, message }, { text: await text(notice) }, signal);
      faultPoint('after a card is edited');
      return { kind: 'sent', receipt: { chat: place, message } };
    },
  };
}

/** PostgreSQL takes a moment until it knows that the bot before this one is dead. */
async function openPatiently(options: StoreOptions): Promise<Store> {
  for (let tries = 0; ; tries++) {
    try {
      return withFaultPoints(await openStore(options), faultPoint);
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'store.in-use' || tries === 100) throw error;
    }
    await delay(50);
  }
}

let crowd: Crowd | undefined;
const app = await startApp({
  config: {
    ...readConfig({
      ...hastySettings,
      COWBOT_DATA: orders.dataDir,
      ...(orders.databaseUrl === null ? {} : { DATABASE_URL: orders.databaseUrl }),
      COWBOT_REVIEW_HOURS: '1',
      COWBOT_ALLOW_UNCHECKED: 'yes',
    }),
    // On a platform that the settings do not know.
    operators: new Set([`test:${operator}`]),
  },
  clock,
  log: createLog('error'),
  engines: [{ name: 'stub', host: createStubHost(pictureMs) }],
  connect: [
    (services) => {
      crowd = { services, chat, orders, faultPoint, random, clock };
      return { adapter: new DyingAdapter(orders.chatOrigin, faultPoint), listen: async () => {} };
    },
  ],
  board: boardOn,
  open: openPatiently,
  delivery: hastyDelivery,
  retry: hastyRetry,
});
say({ kind: 'ready' });
endWithStarter();

if (crowd !== undefined) {
  await moveIn(crowd);
  // The bot before this one may have died before it heard all of them; some more come while everybody is busy.
  const early = Math.ceil(orders.pictures * 0.9);
  await ask(crowd, 0, early);
  await Promise.all([ask(crowd, early, orders.pictures), beBusy(crowd)]);
  if (orders.isLast) {
    await settle(crowd);
    await app.close();
    process.exit(0);
  }
}
