import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import { withFaultPoints } from '../../bench/crash/fault-points.ts';
import { createForgetting, type Forgetting, sweepAfterDeath } from '../../src/people/forget.ts';
import { createProgressNotes } from '../../src/jobs/delivery-progress.ts';
import { createLog } from '../../src/log.ts';
import { auditPage, verifyAudit } from '../../src/store/audit.ts';
import { giveConsent } from '../../src/people/consent.ts';
import { changePersonSettings } from '../../src/people/settings.ts';
import { nextRemovalAt } from '../../src/store/forgettings.ts';
import { listJobs } from '../../src/store/jobs.ts';
import { picturesOfJob } from '../../src/store/pictures.ts';
import type { Store } from '../../src/store/store.ts';
import { plainPerson, plainStage } from '../commands/plain-person.ts';
import { byteNeedles, foundIn, textNeedles, uniquePhoto } from '../contracts/data-folder.ts';
import { type Bot, killed, startBot, type Asked } from '../jobs/bot.ts';
import { StubEngine } from '../fakes/stub-engine.ts';

const patient = { timeout: 10_000, interval: 20 };
const prompt = `a "lighthouse" of Brobdingnag, it's — 灯台 🐄`;
const otherPrompt = 'a quiet harbour of Lilliput';
const who = { userId: '918273645546372819', displayName: 'Zebulon Quietwater' };

describe('whoever is forgotten', () => {
  it('leaves nothing in the data folder but the audit’s word that something was removed', async () => {
    const stage = await plainStage({ consents: 'asked' });
    const { store } = stage.house().services;
    const { dataDir } = store;
    const zeb = plainPerson(stage.chat, 'zeb', { actor: who, scene: { mayManage: true } });
    const alone = plainPerson(stage.chat, 'zeb', {
      actor: who,
      scene: { kind: 'private', communityId: who.userId, channelId: who.userId, mayManage: true, mayModerate: true },
    });
    const bert = plainPerson(stage.chat, 'bert');
    const photo = await uniquePhoto(1);
    const agree = async (person: typeof zeb): Promise<void> => {
      const terms = (await person.heard()).findLast(({ buttons }) => buttons.includes('I agree'));
      if (terms === undefined) throw new Error('Nobody asked.');
      await person.press(terms, 'I agree');
    };

    // All that leaves something: settings, a code, a form that stays open, photos without words, pictures of all kinds.
    await zeb.run('settings', { scope: 'here', name: 'others', value: 'everyone' });
    await zeb.run('settings', { scope: 'me', name: 'balance', value: '4' });
    await zeb.run('link');
    await zeb.run('cow-this-photo', {}, [stage.chat.photo(photo)]);
    await zeb.say('', [stage.chat.photo(photo)]);
    await zeb.run('cow', { prompt }, [stage.chat.photo(photo)]);
    await agree(zeb);
    const hasPictures = async (count: number): Promise<void> => {
      const shown = async () => (await stage.messages()).filter(({ pictures }) => pictures.length > 0).length;
      await expect.poll(shown, patient).toBe(count);
    };
    await hasPictures(1);
    const [first] = await stage.messages();
    if (first === undefined) throw new Error('There is no picture.');
    await zeb.press(first, 'Subtle');
    await hasPictures(2);
    await alone.run('settings', { scope: 'here', name: 'spoiler', value: 'yes' });
    await alone.run('cow', { prompt }, [stage.chat.photo(photo)]);
    // Others go on from it, one with words of their own; and somebody has pictures of their own beside.
    await bert.press(first, 'Again');
    await agree(bert);
    await hasPictures(3);
    await bert.run('cow', { prompt: otherPrompt }, [stage.chat.photo(await uniquePhoto(2))]);
    await hasPictures(4);
    const { db, blobs } = store;
    await expect.poll(async () => (await listJobs(db, { states: ['done'] }, { limit: 9 })).length, patient).toBe(5);
    const [newest] = await listJobs(db, {}, { limit: 1 });
    expect(newest?.prompt).toBe(otherPrompt);
    const picture = (await picturesOfJob(db, (await listJobs(db, {}, { limit: 9 })).at(-1)?.id ?? ''))[0];
    const png = await blobs.get(picture?.pngHash ?? '');
    // What a restore has moved aside, and a file that was put aside as damaged.
    const aside = path.join(dataDir, 'replaced-2026-01-01T00-00-00.000Z');
    await mkdir(aside);
    await writeFile(path.join(aside, 'cowbot.db'), photo);

    const needles = {
      ...textNeedles('id', who.userId),
      ...textNeedles('name', who.displayName),
      ...textNeedles('prompt', prompt),
      ...byteNeedles('photo', photo),
      picture: png.subarray(-60),
    };
    const before = (await foundIn(dataDir, needles)).join('\n');
    for (const name of [
      'id, UTF-8',
      'name, UTF-8',
      'prompt, UTF-8',
      'prompt, JSON',
      'photo, bytes from 100',
      'picture',
    ]) {
      expect(before).toContain(`: ${name}`);
    }

    await zeb.run('forget-me');
    const question = (await zeb.heard()).at(-1);
    if (question === undefined) throw new Error('Nobody asked.');
    await zeb.press(question, 'Forget me');
    expect((await zeb.texts()).at(-1)?.split('\n')).toEqual([
      'Gone for good: 3 requests with their prompts, 1 photo, 3 pictures.',
      'Gone as well: 1 account, 5 settings and notes, 3 lines about use of the engine.',
      '4 messages were taken away.',
      '1 request of others with what was yours went too.',
    ]);
    expect(await foundIn(dataDir, needles)).toEqual([]);

    // Others keep what is theirs; the trail holds.
    expect(await listJobs(db, {}, { limit: 9 })).toMatchObject([{ prompt: otherPrompt, state: 'done' }]);
    expect((await verifyAudit(db)).brokenAt).toBeUndefined();
    expect(await auditPage(db, { action: 'person.forgotten' }, { limit: 9 })).toMatchObject([
      { detail: { jobs: 3, othersJobs: 1, accounts: 1, photos: 1, privateChats: 1 } },
    ]);
    await stage.restart();
    expect(await foundIn(dataDir, needles)).toEqual([]);
    await zeb.run('mine');
    expect((await zeb.texts()).at(-1)).toContain('no pictures');
  });
});

const person = 'person:anna';
const farAway = { giveUpAfterMs: 3_600_000, log: createLog('silent') };

/** A bot with two requests of anna's that are done and one that is being painted, one of bert's made of hers and one of his own. */
async function lived(photo: Buffer, place?: Bot['place']): Promise<Bot> {
  const bot = await startBot(place === undefined ? {} : { place });
  bot.engine.isQuick = true;
  const photos: Asked = {
    wish: { prompt, photos: [{ keep: 'whole' }], parameters: {}, seed: 7, count: 1 },
    photos: [{ photo }],
  };
  const first = await bot.ask(prompt, { ...photos, idempotencyKey: 'first' });
  const second = await bot.ask(prompt, { ...photos, idempotencyKey: 'second' });
  const child = await bot.ask(prompt, { ...photos, idempotencyKey: 'child', personId: 'bert', parentId: first.id });
  const own = await bot.ask(otherPrompt, { idempotencyKey: 'own', personId: 'bert' });
  for (const { id } of [first, second, child, own]) await bot.becomes(id, 'done');
  await giveConsent(bot.store, 'anna', 1);
  await bot.store.transaction(async (tx) => changePersonSettings(tx, 'anna', (own) => ({ ...own, balance: 5 })));
  bot.engine.isQuick = false;
  await bot.ask(`${prompt} once more`, { idempotencyKey: 'painting' });
  await bot.paints(`${prompt} once more`);
  return bot;
}

/** Of a bot's; a chat that takes messages away. @param store what the forgetting sees. */
function forgettingOf(bot: Bot, removed: string[], store: Store = bot.store): Forgetting {
  const adapter: Parameters<typeof createForgetting>[0]['adapters'] extends ReadonlyMap<string, infer One>
    ? One
    : never = {
    remove: async ({ message }) => {
      removed.push(typeof message === 'string' ? message : '');
      return { kind: 'sent', receipt: {} };
    },
  };
  const progress = createProgressNotes({ adapters: new Map(), minIntervalMs: 1, timeoutMs: 1_000 });
  const forgetting = createForgetting({
    ...farAway,
    store,
    jobs: bot.jobs,
    progress,
    adapters: new Map([['test', adapter]]),
    clock: bot.clock.read,
  });
  onTestFinished(() => forgetting.close());
  return forgetting;
}

async function expectForgotten({ store, place }: Bot, photo: Buffer): Promise<void> {
  const needles = {
    ...textNeedles('id', 'user-anna'),
    ...textNeedles('prompt', prompt),
    ...byteNeedles('photo', photo),
  };
  // The last messages may still be on their way.
  await expect.poll(() => foundIn(place.dataDir, needles), patient).toEqual([]);
  expect(await store.db.selectFrom('people').select('id').execute()).toEqual([{ id: 'bert' }]);
  expect((await listJobs(store.db, {}, { limit: 9 })).map((job) => job.prompt)).toEqual([otherPrompt]);
  expect((await verifyAudit(store.db)).brokenAt).toBeUndefined();
  const detail = { jobs: 3, othersJobs: 1, photos: 1, pictures: 2, messages: 4, accounts: 1, consents: 1, values: 1 };
  const said = await auditPage(store.db, { action: 'person.forgotten', subject: person }, { limit: 9 });
  expect(said).toMatchObject([{ detail }]);
}

class Death extends Error {}

describe('a bot that dies while it forgets somebody', () => {
  /** @returns the moments that it lived through, the one that it died at last. */
  const dieAfter = async (writes: number): Promise<readonly string[]> => {
    const photo = await uniquePhoto(3);
    const bot = await lived(photo);
    const moments: string[] = [];
    let isDead = false;
    const dying = withFaultPoints(bot.store, (name) => {
      if (!isDead) moments.push(name);
      isDead ||= moments.length > writes;
      if (isDead) throw new Death();
    });
    const removed: string[] = [];
    const first = forgettingOf(bot, removed, dying);
    await first.forget('anna').catch((error: unknown) => {
      if (!(error instanceof Death)) throw error;
    });
    await first.close();
    if (!isDead) {
      await expectForgotten(bot, photo);
      expect(removed.toSorted()).toEqual([prompt, prompt, prompt, `${prompt} once more`]);
      return moments;
    }
    const next = await startBot({ ...(await killed(bot)), people: ['bert'], engines: [new StubEngine()] });
    await sweepAfterDeath(next.store);
    const second = forgettingOf(next, removed);
    second.resume();
    const isBegun = async (): Promise<boolean> =>
      (await next.store.db.selectFrom('forgettings').selectAll().execute()).length > 0;
    await expect.poll(isBegun, patient).toBe(false);
    // Nothing was written before it died: the person asks again.
    await second.forget('anna');
    await expectForgotten(next, photo);
    await second.close();
    await next.close();
    return moments;
  };

  it('goes on with it at the next start, wherever it died', async () => {
    const moments = await dieAfter(Infinity);
    const deaths = new Set<string | undefined>();
    for (const [writes, name] of moments.entries()) {
      // Every fifth, and each kind of them.
      if (writes % 5 === 0 || moments.indexOf(name) === writes) deaths.add((await dieAfter(writes)).at(-1));
    }
    expect([...deaths]).toEqual(expect.arrayContaining(['delete', 'before a commit', 'after a commit']));
  }, 120_000);
});

it('keeps a photo for those who brought it first, and their pictures', async () => {
  const photo = await uniquePhoto(4);
  const bot = await startBot();
  bot.engine.isQuick = true;
  const photos: Asked = {
    wish: { prompt: otherPrompt, photos: [{ keep: 'whole' }], parameters: {}, seed: 7, count: 1 },
    photos: [{ photo }],
  };
  const earlier = await bot.ask(otherPrompt, { ...photos, personId: 'bert', idempotencyKey: 'earlier' });
  await bot.becomes(earlier.id, 'done');
  const later = await bot.ask(otherPrompt, { ...photos, idempotencyKey: 'later' });
  await bot.becomes(later.id, 'done');
  const { counts } = await forgettingOf(bot, []).forget('anna');
  expect(counts).toMatchObject({ jobs: 1, othersJobs: 0 });
  expect(await bot.store.blobs.get(earlier.photoHash ?? '')).toEqual(photo);
  expect(await bot.stateOf(earlier.id)).toBe('done');
});

it('leaves nobody’s row with a person’s id but the trail and what moderators decided', async () => {
  const bot = await lived(await uniquePhoto(5));
  await forgettingOf(bot, []).forget('anna');
  const tables = await bot.store.db.introspection.getTables();
  const withPerson = tables.filter(({ columns }) => columns.some(({ name }) => name === 'person_id'));
  expect(withPerson.length).toBeGreaterThan(5);
  for (const { name } of withPerson) {
    const rows = await sql`select 1 from ${sql.table(name)} where ${sql.ref('person_id')} = 'anna'`.execute(
      bot.store.db,
    );
    expect([name, rows.rows]).toEqual([name, []]);
  }
});

it('tries a message again that the platform does not take away yet, and gives up in the end', async () => {
  const bot = await startBot();
  bot.engine.isQuick = true;
  const { id } = await bot.ask(prompt);
  await bot.becomes(id, 'done');
  let calls = 0;
  const forgetting = createForgetting({
    ...farAway,
    store: bot.store,
    jobs: bot.jobs,
    progress: { end: async () => {} },
    adapters: new Map([
      ['test', { remove: async () => ({ kind: 'later', reason: 'busy', retryAfterMs: (calls += 1) * 1_000 }) }],
    ]),
    clock: bot.clock.read,
  });
  onTestFinished(() => forgetting.close());
  expect(await forgetting.forget('anna')).toMatchObject({ messagesRemoved: 0, messagesLeft: 1 });
  expect(await nextRemovalAt(bot.store.db)).toBe(bot.clock.now + 1_000);
  bot.clock.now += 3_600_000;
  forgetting.resume();
  await expect.poll(() => nextRemovalAt(bot.store.db), patient).toBeUndefined();
  expect(calls).toBe(2);
});
