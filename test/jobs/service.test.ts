import { expect, it } from 'vitest';
import sharp from 'sharp';
import { Fault } from '../../src/errors.ts';
import { attemptsOfJob } from '../../src/store/attempts.ts';
import { auditPage } from '../../src/store/audit.ts';
import { blobRefs, dropBlobRefs } from '../../src/store/blob-rows.ts';
import { deliveriesOfJob } from '../../src/store/deliveries.ts';
import { countJobs, jobById } from '../../src/store/jobs.ts';
import { picturesOfJob } from '../../src/store/pictures.ts';
import { engineMsOfPerson } from '../../src/store/usage.ts';
import { startBot, submission } from './bot.ts';
import { StubEngine } from '../fakes/stub-engine.ts';

const photoOf = async (background: string) =>
  sharp({ create: { width: 64, height: 64, channels: 3, background } })
    .png()
    .toBuffer();

it('keeps all that explains and repeats a job', async () => {
  const bot = await startBot();
  const photo = await photoOf('green');
  const parent = await bot.ask('parent');
  const { id } = await bot.ask('child', {
    parentId: parent.id,
    wish: { prompt: 'a cow', photos: [{ keep: 'whole' }], parameters: { steps: 9 }, balance: 2, seed: 12, count: 2 },
    photos: [{ photo }],
  });
  const job = await jobById(bot.store.db, id);
  expect(job).toMatchObject({
    idempotencyKey: 'child',
    prompt: 'a cow',
    seed: 12,
    count: 2,
    model: 'stub',
    modelHash: 'stub-1',
    parentId: parent.id,
    parameters: { wish: { balance: 2, parameters: { steps: 9 } }, photos: [{ photo: job?.photoHash }] },
  });
  expect(await bot.store.blobs.get(job?.photoHash ?? '')).toEqual(photo);
  expect(await blobRefs(bot.store.db, job?.photoHash ?? '')).toMatchObject([{ ownerId: id, role: 'photo' }]);
  expect(await auditPage(bot.store.db, { subject: `job:${id}` }, { limit: 9 })).toMatchObject([
    { actor: 'person:anna', action: 'job.queued', reason: 'asked' },
  ]);
});

it('makes one job of a request that comes twice, also at the same time and for another person', async () => {
  const bot = await startBot();
  const asked = ['anna', 'anna', 'bert'].map(async (personId) => bot.jobs.submit(submission('same', { personId })));
  const answers = await Promise.all(asked);
  expect(new Set(answers.map(({ job }) => job.id)).size).toBe(1);
  expect(answers.filter(({ isNew }) => isNew)).toHaveLength(1);
  expect((await bot.jobs.submit(submission('same'))).isNew).toBe(false);
  expect(await countJobs(bot.store.db, {})).toBe(1);
  await bot.paints('same');
  bot.engine.finish();
  await expect.poll(() => bot.ends.length).toBe(1);
  expect(bot.engine.requests).toHaveLength(1);
});

it('paints a variation from the photo and the latents of its parent', async () => {
  const bot = await startBot();
  bot.engine.isQuick = true;
  const wish = { photos: [{ keep: 'whole' as const }], parameters: {}, seed: 3, count: 1 };
  const parent = await bot.ask('parent', {
    wish: { prompt: 'parent', ...wish },
    photos: [{ photo: await photoOf('red') }],
  });
  await bot.becomes(parent.id, 'done');
  const [{ latentsHash }] = await picturesOfJob(bot.store.db, parent.id);
  const child = await bot.ask('child', {
    parentId: parent.id,
    wish: { prompt: 'child', ...wish, seed: 4 },
    photos: [{ photo: parent.photoHash ?? '' }],
    restart: { strength: 'subtle', latents: latentsHash ?? '' },
  });
  await bot.becomes(child.id, 'done');
  const [first, second] = bot.engine.requests;
  expect(second.seeds).toEqual(first.seeds);
  expect(second.restart?.strength).toBe('subtle');
  expect(second.restart?.latents.slice(0, 3)).toEqual(Float32Array.of(3, 3.25, 3.5));
  expect(await blobRefs(bot.store.db, latentsHash ?? '')).toHaveLength(2);
});

it('refuses what the model cannot take, what is not there, and what does not fit together', async () => {
  const bot = await startBot();
  const wish = { prompt: 'x', photos: [], parameters: {}, seed: 1, count: 1 };
  const refused = async (changes: Parameters<typeof submission>[1], code: string) =>
    expect(bot.ask(`refused ${code}`, changes)).rejects.toMatchObject({ name: 'Refusal', code });
  await refused({ wish: { ...wish, count: 0 } }, 'parameters.count');
  await refused({ wish: { ...wish, seed: -1 } }, 'parameters.seed');
  await refused({ wish: { ...wish, width: 65 } }, 'size.canvas');
  await refused({ wish: { ...wish, photos: [{ keep: 'auto' }] } }, 'wish.photos');
  const gone = 'a'.repeat(64);
  await refused({ wish: { ...wish, photos: [{ keep: 'auto' }] }, photos: [{ photo: gone }] }, 'jobs.photo-gone');
  await refused({ wish, restart: { strength: 'strong', latents: gone } }, 'jobs.picture-gone');
  expect(await countJobs(bot.store.db, {})).toBe(0);
  expect(await auditPage(bot.store.db, {}, { limit: 9 })).toEqual([]);
  expect(bot.jobs.snapshot().waitingPictures).toBe(0);
});

it('lets nobody wait with more than their share, however fast they ask', async () => {
  const limits = { maxWaitingPerPerson: 2, minFreeBytes: 0, engineDownMs: 60_000 };
  const bot = await startBot({ limits });
  await bot.ask('running');
  await bot.paints('running');
  // A photo goes to the disk between admission and row.
  const photos = [{ photo: await photoOf('black') }];
  const asked = ['a', 'b', 'c', 'd', 'e'].map(async (prompt) => {
    const wish = { prompt, photos: [{ keep: 'whole' as const }], parameters: {}, seed: 1, count: 1 };
    return bot.ask(prompt, { wish, photos });
  });
  const answers = await Promise.allSettled(asked);
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected', 'rejected']);
  expect(answers[4]).toMatchObject({
    reason: {
      code: 'queue.full',
      message: expect.stringMatching(/^You already have 2 .* There will be room in about \d+ \w+/),
    },
  });
  await bot.ask('of another', { personId: 'bert' });
  bot.engine.finish();
  await bot.paints('of another');
  await expect(bot.ask('no room yet')).rejects.toMatchObject({ code: 'queue.full' });
  bot.engine.finish();
  await bot.paints('a');
  await bot.ask('room again');
});

it('refuses new work while the engine has been down for long, and takes it when it is back', async () => {
  const bot = await startBot({ retry: { maxTries: 9, firstBackoffMs: 1, maxBackoffMs: 2, maxLosses: 3 } });
  const { id } = await bot.ask('one');
  await bot.paints('one');
  const crash = new Fault('gone', { mayPass: true });
  bot.engine.trouble = crash;
  bot.engine.fail(crash);
  await expect.poll(() => bot.jobs.snapshot().engineDownSince).toBe(bot.clock.now);
  bot.clock.now += 60_000;
  await bot.ask('not yet for long');
  bot.clock.now += 1;
  await expect(bot.ask('two')).rejects.toMatchObject({
    code: 'jobs.engine-down',
    message: expect.stringContaining('out of order'),
  });
  bot.engine.isQuick = true;
  bot.engine.trouble = undefined;
  await bot.becomes(id, 'done');
  await bot.ask('two');
});

it('refuses new work while the disk is nearly full, and goes on with what it has', async () => {
  let freeBytes = 2 ** 30;
  const bot = await startBot({
    limits: { maxWaitingPerPerson: 9, minFreeBytes: 2 ** 20, engineDownMs: 1 },
    withStore: (store) => ({ ...store, freeBytes: async () => freeBytes }),
  });
  const { id } = await bot.ask('one');
  freeBytes = 2 ** 20 - 1;
  await expect(bot.ask('two')).rejects.toMatchObject({
    code: 'jobs.disk-full',
    message: expect.stringContaining('room'),
  });
  expect((await bot.ask('one')).id).toBe(id);
  await bot.paints('one');
  bot.engine.finish();
  await bot.becomes(id, 'done');
  freeBytes = 2 ** 20;
  await bot.ask('two');
});

it('cancels what waits at once and for nothing', async () => {
  const bot = await startBot();
  await bot.ask('running', { personId: 'bert' });
  await bot.paints('running');
  const { id } = await bot.ask('waiting', { count: 2 });
  expect(await bot.jobs.cancel(id, 'person:anna')).toBe(true);
  expect(await jobById(bot.store.db, id)).toMatchObject({ state: 'cancelled', engineMs: 0, endedAt: bot.clock.now });
  expect(await deliveriesOfJob(bot.store.db, id)).toHaveLength(1);
  expect(bot.jobs.status(id)).toEqual({ kind: 'ended' });
  expect(await bot.jobs.cancel(id, 'person:anna')).toBe(false);
  const trail = await auditPage(bot.store.db, { action: 'job.cancelled' }, { limit: 9 });
  expect(trail).toMatchObject([{ actor: 'person:anna', subject: `job:${id}` }]);
  bot.engine.finish();
  await expect.poll(() => bot.ends.length).toBe(2);
  expect(bot.engine.prompts).toEqual(['running']);
});

it('cancels what is being painted, and charges what it has cost', async () => {
  const bot = await startBot();
  const { id } = await bot.ask('long', { count: 3 });
  await bot.paints('long');
  await bot.ask('next', { personId: 'bert' });
  bot.clock.now += 40;
  expect(await bot.jobs.cancel(id, 'person:anna')).toBe(true);
  await bot.becomes(id, 'cancelled');
  await bot.paints('next');
  expect(await jobById(bot.store.db, id)).toMatchObject({ engineMs: 40, attemptToken: null });
  expect(await engineMsOfPerson(bot.store.db, 'anna', 0)).toBe(40);
  expect(await attemptsOfJob(bot.store.db, id)).toMatchObject([{ outcome: 'cancelled', engineMs: 40 }]);
  expect(bot.engine.prompts).toEqual(['long', 'next']);
  expect(await deliveriesOfJob(bot.store.db, id)).toHaveLength(1);
});

it('cancels what is being checked, and what waits for its next try', async () => {
  const { promise, resolve } = Promise.withResolvers<{ readonly kind: 'allow' }>();
  const retry = { maxTries: 3, firstBackoffMs: 60_000, maxBackoffMs: 60_000, maxLosses: 3 };
  const bot = await startBot({
    checkResult: async () => promise,
    retry,
    engines: [new StubEngine(), new StubEngine()],
  });
  const checked = await bot.ask('checked');
  await expect.poll(() => bot.engines.some(({ painting }) => painting === 'checked')).toBe(true);
  for (const engine of bot.engines) if (engine.painting === 'checked') engine.finish();
  await bot.becomes(checked.id, 'checking');
  expect(await bot.jobs.cancel(checked.id, 'person:anna')).toBe(true);
  resolve({ kind: 'allow' });
  await bot.becomes(checked.id, 'cancelled');
  expect(await picturesOfJob(bot.store.db, checked.id)).toEqual([]);
  expect(await engineMsOfPerson(bot.store.db, 'anna', 0)).toBe(100);

  const retried = await bot.ask('retried');
  await expect.poll(() => bot.engines.some(({ painting }) => painting === 'retried')).toBe(true);
  for (const engine of bot.engines) {
    if (engine.painting === 'retried') engine.fail(new Fault('gone', { mayPass: true }));
  }
  await expect.poll(() => bot.jobs.status(retried.id)).toMatchObject({ kind: 'retrying' });
  expect(bot.jobs.status(retried.id)).toMatchObject({ sentence: expect.stringContaining('60 seconds') });
  expect(await bot.jobs.cancel(retried.id, 'person:anna')).toBe(true);
  expect(await bot.stateOf(retried.id)).toBe('cancelled');
});

it.each(['done', 'held', 'failed', 'refused'] as const)('has nothing to cancel of a job that is %s', async (state) => {
  const bot = await startBot({
    checkResult: async () =>
      state === 'held'
        ? { kind: 'hold', code: 'look', sentence: 'Look at it.' }
        : state === 'refused'
          ? { kind: 'refuse', code: 'x', sentence: 'y' }
          : { kind: 'allow' },
  });
  const { id } = await bot.ask('one');
  await bot.paints('one');
  if (state === 'failed') bot.engine.fail(new Fault('broken'));
  else bot.engine.finish();
  await bot.becomes(id, state);
  await expect.poll(() => bot.jobs.status(id).kind).toBe('ended');
  expect(await bot.jobs.cancel(id, 'person:anna')).toBe(false);
  expect(await bot.jobs.cancel('nobody knows it', 'person:anna')).toBe(false);
  expect(await bot.stateOf(id)).toBe(state);
});

it('tries a failed job again when it is asked to, with what is still missing', async () => {
  const bot = await startBot();
  const { id } = await bot.ask('two', { count: 2 });
  await bot.paints('two');
  bot.engine.finish();
  await expect.poll(() => bot.engine.requests.length).toBe(2);
  await expect.poll(async () => (await picturesOfJob(bot.store.db, id)).length).toBe(1);
  await expect(bot.jobs.retry(id, 'person:anna')).rejects.toMatchObject({ code: 'jobs.not-failed' });
  bot.engine.fail(new Fault('broken'));
  await bot.becomes(id, 'failed');
  await bot.jobs.retry(id, 'person:anna');
  expect(await jobById(bot.store.db, id)).toMatchObject({ failureCode: null, failureReason: null, endedAt: null });
  await expect.poll(() => bot.engine.requests.length).toBe(3);
  await bot.paints('two');
  bot.engine.finish();
  await bot.becomes(id, 'done');
  expect((await picturesOfJob(bot.store.db, id)).map(({ number }) => number)).toEqual([0, 1]);
  expect((await deliveriesOfJob(bot.store.db, id)).map(({ subject }) => subject).toSorted()).toEqual([
    'done:1',
    'failed:0',
  ]);
  await expect(bot.jobs.retry('nobody knows it', 'person:anna')).rejects.toMatchObject({ code: 'jobs.unknown' });
});

it('says each end of a job, however often it is cancelled and asked for again', async () => {
  const bot = await startBot();
  await bot.ask('running', { personId: 'bert' });
  await bot.paints('running');
  const { id } = await bot.ask('waiting');
  for (let times = 1; times <= 3; times++) {
    expect(await bot.jobs.cancel(id, 'person:anna')).toBe(true);
    expect(await deliveriesOfJob(bot.store.db, id)).toHaveLength(times);
    await bot.jobs.retry(id, 'person:anna');
  }
  expect(bot.jobs.status(id).kind).toBe('waiting');
});

it('does not try again without the photo', async () => {
  const bot = await startBot();
  const { id, photoHash } = await bot.ask('one', {
    wish: { prompt: 'one', photos: [{ keep: 'whole' }], parameters: {}, seed: 1, count: 1 },
    photos: [{ photo: await photoOf('blue') }],
  });
  await bot.paints('one');
  bot.engine.fail(new Fault('broken'));
  await bot.becomes(id, 'failed');
  await bot.store.transaction(async (tx) => dropBlobRefs(tx, { ownerKind: 'job', ownerId: id }, 1));
  // Not swept yet, so that it can be kept again.
  await bot.jobs.retry(id, 'person:anna');
  expect(await blobRefs(bot.store.db, photoHash ?? '')).toHaveLength(1);
  await bot.paints('one');
  bot.engine.fail(new Fault('broken'));
  await bot.becomes(id, 'failed');
  await bot.store.transaction(async (tx) => dropBlobRefs(tx, { ownerKind: 'job', ownerId: id }, 1));
  await bot.store.blobs.removeUnreferenced([photoHash ?? '']);
  await expect(bot.jobs.retry(id, 'person:anna')).rejects.toMatchObject({
    code: 'jobs.photo-gone',
    message: expect.stringContaining('send it again'),
  });
  expect(await bot.stateOf(id)).toBe('failed');
});

it('says why a job waits, with place and time', async () => {
  const bot = await startBot();
  await bot.ask('running', { personId: 'bert' });
  await bot.paints('running');
  await bot.ask('ahead');
  const { id } = await bot.ask('mine');
  const status = bot.jobs.status(id);
  expect(status).toMatchObject({ kind: 'waiting', explanation: { forecast: { position: 2 } } });
  const sentence = status.kind === 'waiting' ? status.explanation.sentence : '';
  expect(sentence).toMatch(/^You are at place 2, .* that you asked for earlier .* the engine is painting 1 picture/);
  expect(bot.jobs.place(id)).toMatchObject({ position: 2 });
  bot.jobs.setWeight({ community: 'farm', person: 'anna', weight: 2 });
  expect(bot.jobs.snapshot()).toMatchObject({
    waitingPictures: 2,
    communities: [{ id: 'farm', waiting: 2, running: 1 }],
  });
});

it('takes nothing more once it is closing', async () => {
  const bot = await startBot();
  const closed = bot.jobs.close(AbortSignal.abort());
  await expect(bot.ask('late')).rejects.toMatchObject({ code: 'jobs.closing' });
  await closed;
});
