/** What moderation tells people on two platforms at once, with real clients, where one of them is in trouble. */
import { expect, it, onTestFinished } from 'vitest';
import { toRow } from '../../src/jobs/parameters.ts';
import { createLog } from '../../src/log.ts';
import { startTelling } from '../../src/moderation/tell-notices.ts';
import { pictureWish } from '../../src/painting/wish.ts';
import { insertReport, openCases } from '../../src/store/cases.ts';
import { dueRemovals } from '../../src/store/forgettings.ts';
import { insertJob } from '../../src/store/jobs.ts';
import { deleteNotice, insertNotice, type NewNotice } from '../../src/store/notices.ts';
import type { Store } from '../../src/store/store.ts';
import type { NoticeKind } from '../../src/store/tables.ts';
import { connected as onDiscord } from '../adapters/discord/connected.ts';
import { connected as onTelegram } from '../adapters/telegram/connected.ts';
import { openHouse } from '../contracts/chat-house.ts';
import { opened, temporaryFolder } from '../contracts/place.ts';
import { newJob, settle } from '../contracts/rows.ts';
import { FakeDiscord } from '../fakes/discord/index.ts';
import { FakeTelegram } from '../fakes/telegram/index.ts';

const patient = { timeout: 20_000, interval: 20 };
const hourMs = 3_600_000;
const post = 'POST /channels/:channel/messages';
const edit = 'PATCH /channels/:channel/messages/:message';

/** Two who run the bot: Olga on Discord, Omar on Telegram. Time stands unless it is moved. */
async function desk() {
  let now = Date.now();
  const discord = await FakeDiscord.open();
  const telegram = await FakeTelegram.open();
  onTestFinished(async () => void (await Promise.all([discord.close(), telegram.close()])));
  const olga = discord.user('olga', { in: discord.lobby });
  const omar = telegram.user('omar', { met: true });
  const operators = new Set([`discord:${olga.id}`, `telegram:${omar.id}`]);
  const dataDir = await temporaryFolder();
  const open = async () =>
    openHouse(dataDir, async (services) => [await onDiscord(discord, services), await onTelegram(telegram, services)], {
      operators,
      clock: () => now,
    });
  const house = await open();
  const { store } = house.services;
  await settle(store);
  const written = (messages: readonly { readonly text: string; readonly from?: unknown }[]) =>
    messages.map(({ text }) => text);
  return {
    discord,
    telegram,
    olga,
    omar,
    dataDir,
    house,
    store,
    open,
    advance: (byMs: number) => void (now += byMs),
    /** A picture that a moderator is to look at. */
    hold: async (id: string) => {
      const parameters = toRow({ wish: pictureWish.parse({ prompt: id, photos: [], seed: 1 }), photos: [] });
      await insertJob(store.db, { ...newJob(id, { parameters, prompt: id }), state: 'held' });
    },
    notify: async (...notices: readonly Omit<NewNotice, 'createdAt'>[]) =>
      store.transaction(async (tx) => {
        for (const [at, notice] of notices.entries()) await insertNotice(tx, { ...notice, createdAt: now - 100 + at });
      }),
    atOlga: () => written(discord.messages(olga.dm).filter(({ author }) => author.bot)),
    atOmar: () => written(telegram.messages(omar.chat).filter(({ from }) => from === telegram.botAccount)),
  };
}

const containing = (...texts: readonly string[]) => texts.map((text) => expect.stringContaining(text));

function word(id: string, kind: NoticeKind, to: 'discord' | 'telegram', userId: string | number) {
  const target = { kind: 'person', userId: String(userId) };
  return { id, subject: id, kind, platform: to, target, personId: null, communityId: null, caseId: null, detail: {} };
}

const attemptsAt = async ({ db }: Store, id: string): Promise<number | undefined> =>
  (await db.selectFrom('notices').select('attemptCount').where('id', '=', id).executeTakeFirst())?.attemptCount;

it.each([
  ['hangs', 'stall'],
  ['wants a long pause', { status: 429, retryAfterMs: 3 * hourMs }],
] as const)('keeps neither cards nor decisions waiting for a platform that %s', async (_, trouble) => {
  const { discord, hold, advance, atOlga, atOmar } = await desk();
  discord.failNext(post, 1, trouble);
  await hold('a knight');
  await discord.until(() => discord.requestsOf(post).length > 0, 'the card');
  await expect.poll(atOmar, patient).toEqual(containing('a knight'));
  advance(2 * hourMs);
  await expect.poll(atOmar, patient).toEqual(containing('Nobody decided in time'));
  expect(atOlga()).toEqual([]);
});

it('tries an edit again after a while, not with each look', async () => {
  const { discord, store, hold, advance, atOlga, atOmar } = await desk();
  await hold('a knight');
  await expect.poll(() => [...atOlga(), ...atOmar()], patient).toEqual(containing('a knight', 'a knight'));
  discord.failNext(edit, Infinity, { status: 502 });
  const [one] = await openCases(store.db, {});
  const report = { caseId: one?.id ?? '', personId: 'bert', reason: 'hateful', note: 'Look at the flag', at: 1 };
  await store.transaction(async (tx) => insertReport(tx, report));
  await expect.poll(atOmar, patient).toEqual(containing('Look at the flag'));
  await hold('a pirate');
  await expect.poll(atOlga, patient).toEqual(containing('a knight', 'a pirate'));
  // One try is two calls: the wire asks a failing server once more.
  expect(discord.requestsOf(edit)).toHaveLength(2);
  discord.failNoMore();
  advance(2_000);
  await expect.poll(atOlga, patient).toEqual(containing('Look at the flag', 'a pirate'));
});

it('tells one person things in their order, and others meanwhile', async () => {
  const { telegram, olga, omar, store, notify, advance, atOlga, atOmar } = await desk();
  telegram.failNext('sendMessage', 1, { code: 502 });
  await notify(
    word('1', 'sanction', 'telegram', omar.id),
    word('2', 'lifted', 'telegram', omar.id),
    word('3', 'lifted', 'discord', olga.id),
  );
  await expect.poll(async () => attemptsAt(store, '1'), patient).toBe(1);
  await expect.poll(atOlga, patient).toEqual(containing('was lifted'));
  await notify(word('4', 'appeal', 'discord', olga.id));
  await expect.poll(atOlga, patient).toEqual(containing('was lifted', 'denied'));
  expect(atOmar()).toEqual([]);
  advance(2_000);
  await expect.poll(atOmar, patient).toEqual(containing('/appeal', 'was lifted'));
});

it('posts no second card where a process died before it knew of the first, and keeps that one true', async () => {
  const { olga, discord, house, store, hold, dataDir, open, advance, atOlga } = await desk();
  await hold('a knight');
  const states = async () => (await store.db.selectFrom('notices').select('state').execute()).map(({ state }) => state);
  await expect.poll(states, patient).toEqual(['sent', 'sent']);
  await house.close();
  const after = await opened({ dataDir }, { role: 'tool' });
  await after.db
    .updateTable('notices')
    .set({ state: 'pending', receipt: null, shows: 'posted' })
    .where('platform', '=', 'discord')
    .execute();
  await after.close();
  const before = discord.requestsOf(post).length;
  await open();
  await discord.until(() => discord.requestsOf(post).length > before, 'the second try');
  advance(2 * hourMs);
  await expect.poll(atOlga, patient).toEqual(containing('Nobody decided in time'));
  expect(discord.messages(olga.dm)).toHaveLength(1);
});

it('takes a card away again whose person was forgotten while it was posted', async () => {
  const store = await opened({ dataDir: await temporaryFolder() });
  const receipt = { chat: 'c', message: 'm' };
  await store.transaction(async (tx) => insertNotice(tx, { ...word('1', 'lifted', 'discord', 'u'), createdAt: 1 }));
  const telling = startTelling({
    store,
    board: {
      post: async ({ id }) => {
        await store.transaction(async (tx) => deleteNotice(tx, id));
        return { kind: 'sent', receipt };
      },
      refresh: async () => ({ kind: 'never', reason: 'There is none.' }),
    },
    operators: new Set(),
    clock: () => 10,
    log: createLog('silent'),
    pollMs: 20,
  });
  onTestFinished(() => telling.close(AbortSignal.abort()));
  await expect
    .poll(async () => dueRemovals(store.db, { now: 10, limit: 9 }), patient)
    .toMatchObject([{ platform: 'discord', address: receipt }]);
});
