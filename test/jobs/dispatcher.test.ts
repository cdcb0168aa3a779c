import { expect, it } from 'vitest';
import { Fault, Refusal } from '../../src/errors.ts';
import { acceptPicture } from '../../src/jobs/outcome.ts';
import type { Painted } from '../../src/jobs/paint-picture.ts';
import { attemptsOfJob } from '../../src/store/attempts.ts';
import { auditPage, verifyAudit } from '../../src/store/audit.ts';
import { blobRefs } from '../../src/store/blob-rows.ts';
import { deliveriesOfJob } from '../../src/store/deliveries.ts';
import { jobById } from '../../src/store/jobs.ts';
import { picturesOfJob } from '../../src/store/pictures.ts';
import { engineMsOfPerson } from '../../src/store/usage.ts';
import { type Bot, startBot } from './bot.ts';
import { StubEngine } from './stub-engine.ts';

const crash = () => new Fault('The engine went away.', { mayPass: true });
const outcomesOf = async ({ store }: Bot, id: string) =>
  (await attemptsOfJob(store.db, id)).map(({ outcome, reason }) => reason ?? outcome);
const trailOf = async ({ store }: Bot, id: string) =>
  (await auditPage(store.db, { subject: `job:${id}` }, { limit: 99 })).map(({ action }) => action).toReversed();

it('takes a job to its end: pictures, files, delivery, use and trail in one', async () => {
  const bot = await startBot();
  const { id } = await bot.ask('one');
  await bot.paints('one');
  expect(await bot.stateOf(id)).toBe('running');
  bot.engine.finish();
  await bot.becomes(id, 'done');
  const job = await jobById(bot.store.db, id);
  expect(job).toMatchObject({ engineMs: 100, attemptCount: 1, attemptToken: null, endedAt: bot.clock.now });
  const [picture] = await picturesOfJob(bot.store.db, id);
  expect(picture).toMatchObject({ number: 0, state: 'kept', seed: 7, widthPx: 64, heightPx: 64, engineMs: 100 });
  const png = await bot.store.blobs.get(picture.pngHash ?? '');
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  const latents = await bot.store.blobs.get(picture.latentsHash ?? '');
  expect([latents.byteLength, latents.readFloatLE(4)]).toEqual([1024, 7.25]);
  expect(await blobRefs(bot.store.db, picture.pngHash ?? '')).toMatchObject([{ ownerId: id, role: 'png:0' }]);
  expect(await deliveriesOfJob(bot.store.db, id)).toMatchObject([
    { state: 'pending', adapter: 'test', lane: 'test:c1', address: { chat: 'c1', message: 'one' } },
  ]);
  expect(await engineMsOfPerson(bot.store.db, 'anna', 0)).toBe(100);
  expect(await trailOf(bot, id)).toEqual(['job.queued', 'job.running', 'job.checking', 'job.done']);
  expect(bot.ends).toEqual([{ id, state: 'done' }]);
  expect((await verifyAudit(bot.store.db)).brokenAt).toBeUndefined();
});

it("interleaves a job of several pictures with others' jobs", async () => {
  const bot = await startBot();
  bot.engine.isQuick = false;
  await bot.ask('many', { count: 3 });
  await bot.paints('many');
  await bot.ask('bert', { personId: 'bert' });
  await bot.ask('elsewhere', { personId: 'bert', communityId: 'town' });
  while (bot.engine.requests.length < 5) {
    const before = bot.engine.requests.length;
    bot.engine.finish();
    await expect.poll(() => bot.engine.requests.length).toBe(before + 1);
  }
  expect(bot.engine.prompts.toSorted()).toEqual(['bert', 'elsewhere', 'many', 'many', 'many']);
  expect(bot.engine.prompts.lastIndexOf('many')).toBe(4);
  const seeds = bot.engine.requests.filter(({ prompt }) => prompt === 'many').map(({ seed, count }) => [seed, count]);
  expect(seeds).toEqual([
    [7, 1],
    [8, 1],
    [9, 1],
  ]);
});

it('keeps several engines busy, and no engine with two pictures', async () => {
  const engines = [new StubEngine(), new StubEngine(), new StubEngine()];
  const bot = await startBot({ engines });
  const many = await bot.ask('many', { count: 4 });
  await expect.poll(() => engines.filter(({ painting }) => painting === 'many').length).toBe(3);
  const idle = await bot.ask('after');
  for (const engine of engines) engine.isQuick = true;
  for (const engine of engines) engine.finish();
  await bot.becomes(many.id, 'done');
  await bot.becomes(idle.id, 'done');
  expect((await picturesOfJob(bot.store.db, many.id)).map(({ number, seed }) => [number, seed])).toEqual([
    [0, 7],
    [1, 8],
    [2, 9],
    [3, 10],
  ]);
  expect(await deliveriesOfJob(bot.store.db, many.id)).toHaveLength(1);
});

it('paints no more pictures of a person at once than allowed', async () => {
  const engines = [new StubEngine(), new StubEngine(), new StubEngine()];
  const bot = await startBot({ engines, shares: { halfLifeMs: 1000, maxRunningPerPerson: 2 } });
  await bot.ask('mine', { count: 4 });
  await expect.poll(() => engines.filter(({ painting }) => painting === 'mine').length).toBe(2);
  await bot.ask('other', { personId: 'bert' });
  const painted = (what: string) => engines.filter(({ painting }) => painting === what).length;
  await expect.poll(() => [painted('mine'), painted('other')]).toEqual([2, 1]);
});

it('tries again after a crash, sets the engine aside until it answers, and charges for none of it', async () => {
  const bot = await startBot();
  const { id } = await bot.ask('one');
  await bot.paints('one');
  bot.engine.trouble = crash();
  bot.engine.fail(crash());
  await bot.becomes(id, 'queued');
  await expect.poll(() => bot.engine.probes).toBeGreaterThan(4);
  expect(bot.jobs.snapshot()).toMatchObject({
    engineDownSince: bot.clock.now,
    engines: [{ downSince: bot.clock.now }],
  });
  expect(bot.engine.requests).toHaveLength(1);
  bot.engine.trouble = undefined;
  await bot.paints('one');
  expect(bot.jobs.snapshot().engineDownSince).toBeUndefined();
  bot.engine.finish();
  await bot.becomes(id, 'done');
  expect(await outcomesOf(bot, id)).toEqual(['retry', 'done']);
  expect(await engineMsOfPerson(bot.store.db, 'anna', 0)).toBe(100);
});

it('gives up after so many tries, with a sentence and without the words of the fault', async () => {
  const bot = await startBot();
  const { id } = await bot.ask('one');
  for (let tries = 1; tries <= 3; tries++) {
    await expect.poll(() => bot.engine.requests.length).toBe(tries);
    await bot.paints('one');
    bot.engine.fail(crash());
  }
  await bot.becomes(id, 'failed');
  expect(await jobById(bot.store.db, id)).toMatchObject({ failureCode: 'job.engine', attemptCount: 3, engineMs: 0 });
  expect((await jobById(bot.store.db, id))?.failureReason).toBe(
    'The engine failed at this again and again; try again later.',
  );
  expect(await outcomesOf(bot, id)).toEqual(['retry', 'retry', 'failed']);
  expect(await deliveriesOfJob(bot.store.db, id)).toHaveLength(1);
});

it.each([
  ['a refusal', new Refusal('parameters.size', 'Expected less.'), 'refused', 'Expected less.'],
  ['a fault for good', new Fault('secret words'), 'failed', expect.stringContaining('on our side')],
  ['anything else', new TypeError('secret words'), 'failed', expect.stringContaining('on our side')],
])('does not try again after %s', async (_, error, state, sentence) => {
  const bot = await startBot();
  const { id } = await bot.ask('many', { count: 2 });
  await bot.paints('many');
  bot.engine.fail(error);
  await expect.poll(() => bot.stateOf(id)).toBe(state);
  expect((await jobById(bot.store.db, id))?.failureReason).toEqual(sentence);
  const next = await bot.ask('next');
  await bot.paints('next');
  bot.engine.finish();
  await bot.becomes(next.id, 'done');
  expect(bot.engine.prompts).toEqual(['many', 'next']);
});

it('leaves waiting jobs alone while no engine is in order, and their tries uncounted', async () => {
  const engine = new StubEngine();
  engine.trouble = new Refusal('model.missing', 'There is no such model.');
  const bot = await startBot({ engines: [engine] });
  const jobs = [await bot.ask('one'), await bot.ask('two', { personId: 'bert' })];
  await expect.poll(() => engine.probes).toBeGreaterThan(5);
  for (const { id } of jobs)
    expect(await jobById(bot.store.db, id)).toMatchObject({ state: 'queued', attemptCount: 0 });
  engine.isQuick = true;
  engine.trouble = undefined;
  for (const { id } of jobs) await bot.becomes(id, 'done');
  expect(engine.requests).toHaveLength(2);
});

it('goes on with the engines that are in order, and with all of them when they are back', async () => {
  const [bad, good] = [new StubEngine(), new StubEngine()];
  bad.trouble = crash();
  const bot = await startBot({ engines: [bad, good] });
  const jobs = await Promise.all(['a', 'b', 'c'].map(async (prompt) => bot.ask(prompt)));
  for (let painted = 1; painted <= 2; painted++) {
    await expect.poll(() => good.requests.length).toBe(painted);
    // Time for another one to start where none may.
    await expect.poll(() => bad.probes).toBeGreaterThan(4 * painted);
    expect(good.requests).toHaveLength(painted);
    if (painted === 1) good.finish();
  }
  expect(bot.jobs.snapshot()).toMatchObject({ engineDownSince: undefined, waitingPictures: 1 });
  bad.trouble = undefined;
  await expect.poll(() => bad.requests.length).toBe(1);
  bad.finish();
  good.finish();
  for (const { id } of jobs) await bot.becomes(id, 'done');
  for (const { id } of jobs) expect((await jobById(bot.store.db, id))?.attemptCount).toBe(1);
});

it('takes no picture from an attempt that has ended', async () => {
  const bot = await startBot();
  const { id } = await bot.ask('one');
  await bot.paints('one');
  const stale = (await jobById(bot.store.db, id))?.attemptToken ?? '';
  bot.engine.fail(crash());
  await expect.poll(() => bot.engine.requests.length).toBe(2);
  await bot.paints('one');
  const painted = {
    picture: { width: 16, height: 16, rgb: new Uint8Array(768), latents: new Float32Array(16), seed: 1 },
    result: { totalMs: 55 },
  } as Painted;
  const files = { png: 'a'.repeat(64), preview: 'b'.repeat(64), latents: 'c'.repeat(64) };
  const key = { id, communityId: 'farm', personId: 'anna' };
  const because = { actor: 'system', reason: 'painted', at: 1 };
  for (const token of [stale, 'never given']) {
    expect(
      await acceptPicture(bot.store, key, { token, number: 0 }, painted, files, { kind: 'allow' }, because),
    ).toBeUndefined();
  }
  expect(await picturesOfJob(bot.store.db, id)).toEqual([]);
  expect(await jobById(bot.store.db, id)).toMatchObject({ state: 'running', engineMs: 0 });
  bot.engine.finish();
  await bot.becomes(id, 'done');
  expect((await picturesOfJob(bot.store.db, id)).map(({ seed }) => seed)).toEqual([7]);
});

it('shows how a picture is doing', async () => {
  const shown: unknown[] = [];
  const bot = await startBot({ onProgress: (job, { phase, done }) => shown.push([job.prompt, phase, done]) });
  const { id } = await bot.ask('one');
  await bot.paints('one');
  bot.engine.progress({ phase: 'cycles', done: 3, total: 9, remainingMs: 60 });
  expect(shown).toEqual([['one', 'cycles', 3]]);
  expect(bot.jobs.status(id)).toMatchObject({ kind: 'painting', progress: { done: 3, total: 9 } });
  expect(bot.jobs.snapshot().engines).toMatchObject([{ name: 'stub-0', jobId: id, progress: { phase: 'cycles' } }]);
  bot.engine.finish();
  await expect.poll(() => bot.jobs.status(id).kind).toBe('ended');
  expect(bot.jobs.snapshot().engines).toMatchObject([{ jobId: undefined }]);
});

it.each([
  ['hold', { kind: 'hold', code: 'look', sentence: 'Look at it.' }, 'held', 'held'],
  ['refuse', { kind: 'refuse', code: 'result.unfit', sentence: 'Not this.' }, 'refused', undefined],
] as const)('lets a check %s a picture', async (_, verdict, state, picture) => {
  const bot = await startBot({ checkResult: async () => verdict });
  bot.engine.isQuick = true;
  const { id } = await bot.ask('one');
  await bot.becomes(id, state);
  expect((await picturesOfJob(bot.store.db, id)).map((one) => one.state)).toEqual(
    picture === undefined ? [] : [picture],
  );
  expect(await trailOf(bot, id)).toEqual(['job.queued', 'job.running', 'job.checking', `job.${state}`]);
  // It was painted, whoever may see it.
  expect(await engineMsOfPerson(bot.store.db, 'anna', 0)).toBe(100);
  await expect.poll(() => bot.ends).toEqual([{ id, state }]);
});

it('is checking while the last picture is looked at, and paints the next meanwhile', async () => {
  const { promise, resolve } = Promise.withResolvers<{ readonly kind: 'allow' }>();
  const bot = await startBot({
    checkResult: async (_, { personId }) => (personId === 'anna' ? promise : { kind: 'allow' }),
  });
  const { id } = await bot.ask('one');
  await bot.paints('one');
  bot.engine.finish();
  await bot.becomes(id, 'checking');
  expect(bot.jobs.status(id)).toEqual({ kind: 'checking' });
  await bot.ask('two', { personId: 'bert' });
  await bot.paints('two');
  resolve({ kind: 'allow' });
  await bot.becomes(id, 'done');
});

it('learns how long a picture takes, and remembers it over a restart', async () => {
  const bot = await startBot({ engines: [new StubEngine(2_000)] });
  bot.engine.isQuick = true;
  const first = await bot.ask('first');
  await bot.becomes(first.id, 'done');
  await expect.poll(async () => Math.round((await bot.ask(`again ${Math.random()}`)).estimatedCost)).toBe(2_000);
  await bot.close(1_000);
  const next = await startBot({ place: bot.place, clock: bot.clock });
  expect(Math.round((await next.ask('second')).estimatedCost)).toBe(2_000);
});
