import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it, onTestFinished } from 'vitest';
import sharp from 'sharp';
import { verifyAudit } from '../src/store/audit.ts';
import { deliveriesOfJob } from '../src/store/deliveries.ts';
import { jobById } from '../src/store/jobs.ts';
import { picturesOfJob } from '../src/store/pictures.ts';
import { sqliteFile, type Store } from '../src/store/store.ts';
import { temporaryFolder } from './contracts/place.ts';
import { chatForTest, startTestBot } from './fakes/bot.ts';
import { scribble, smallDisk } from './store/small-disk.ts';

async function place() {
  const { chat, origin } = await chatForTest();
  const where = { chatOrigin: origin, dataDir: path.join(await temporaryFolder(), 'data') };
  return { chat, where };
}

const stateOf = async ({ db }: Store, id: string) => (await jobById(db, id))?.state;
const deliveryOf = async ({ db }: Store, id: string) => (await deliveriesOfJob(db, id)).at(-1)?.state;
const photo = async () =>
  sharp({ create: { width: 64, height: 64, channels: 3, background: 'green' } })
    .png()
    .toBuffer();

it('brings a request to its picture, and is ready for more', async () => {
  const { chat, where } = await place();
  const bot = await startTestBot(where);
  const { id } = await bot.ask({ key: 'a', count: 2, photo: await photo() });
  await expect.poll(() => deliveryOf(bot.store, id)).toBe('sent');
  expect(await stateOf(bot.store, id)).toBe('done');
  const [message] = await chat.messages();
  expect(message?.shown).toMatchObject({ job: id, state: 'done' });
  expect(message?.shown.pictures).toHaveLength(2);
  expect(await bot.readiness()).toMatchObject({ status: 200, body: { ready: true, waiting: 0 } });
  expect((await bot.ask({ key: 'a' })).id).toBe(id);
});

it('is refused where another one has the folder, and leaves that one alone', async () => {
  const { where } = await place();
  const bot = await startTestBot(where);
  await expect(startTestBot(where)).rejects.toMatchObject({ code: 'store.in-use' });
  const { id } = await bot.ask({ key: 'a' });
  await expect.poll(() => deliveryOf(bot.store, id)).toBe('sent');
});

it('lets what runs end at a stop, and goes on with the rest at the next start', async () => {
  const { chat, where } = await place();
  const first = await startTestBot({ ...where, pictureMs: 200 });
  const running = await first.ask({ key: 'running' });
  const waiting = await first.ask({ key: 'waiting' });
  await expect.poll(() => stateOf(first.store, running.id)).toBe('running');
  await first.close();
  expect(await chat.messages()).toMatchObject([{ results: [expect.stringContaining('done')] }, { results: [] }]);
  const second = await startTestBot(where);
  await expect.poll(() => deliveryOf(second.store, waiting.id)).toBe('sent');
  expect((await verifyAudit(second.store.db)).brokenAt).toBeUndefined();
});

it('stops what takes longer than the drain time, and paints it at the next start', async () => {
  const { chat, where } = await place();
  const first = await startTestBot({ ...where, pictureMs: 60_000, env: { COWBOT_DRAIN_SECONDS: '0' } });
  const { id } = await first.ask({ key: 'long' });
  await expect.poll(() => stateOf(first.store, id)).toBe('running');
  await first.close();
  expect(await chat.messages()).toMatchObject([{ results: [] }]);
  const second = await startTestBot(where);
  await expect.poll(() => deliveryOf(second.store, id)).toBe('sent');
});

it('tries a picture again when its engine dies', async () => {
  const { where } = await place();
  const bot = await startTestBot({ ...where, pictureMs: 300 });
  const { id } = await bot.ask({ key: 'a' });
  await expect.poll(() => bot.jobs.snapshot().engines[0]?.progress?.done).toBeGreaterThan(0);
  process.kill(bot.engine.pid ?? 0, 'SIGKILL');
  await expect.poll(() => deliveryOf(bot.store, id)).toBe('sent');
  expect(await jobById(bot.store.db, id)).toMatchObject({ state: 'done', attemptCount: 2 });
});

it('refuses new work while the disk is nearly full, says so, and takes it again', async () => {
  const { where } = await place();
  let freeBytes = 0;
  const { openStore } = await import('../src/store/store.ts');
  const bot = await startTestBot({
    ...where,
    env: { COWBOT_MIN_FREE_MIB: '100' },
    open: async (options) => ({ ...(await openStore(options)), freeBytes: async () => freeBytes }),
  });
  await expect(bot.ask({ key: 'a' })).rejects.toMatchObject({ code: 'jobs.disk-full' });
  expect(await bot.readiness()).toMatchObject({ status: 503, body: { trouble: ['The disk is nearly full.'] } });
  freeBytes = 2 ** 30;
  const { id } = await bot.ask({ key: 'a' });
  await expect.poll(() => deliveryOf(bot.store, id)).toBe('sent');
  expect((await bot.readiness()).status).toBe(200);
});

it('loses nothing on a disk that fills up, and goes on when there is room', async () => {
  const {
    where: { chatOrigin },
  } = await place();
  const disk = await smallDisk(12);
  const bot = await startTestBot({ dataDir: path.join(disk.folder, 'data'), chatOrigin, pictureMs: 200 });
  const { id } = await bot.ask({ key: 'before' });
  await expect.poll(() => stateOf(bot.store, id)).toBe('running');
  const makeRoom = await disk.fill();
  await expect(bot.ask({ key: 'too-big', photo: new Uint8Array(300_000) })).rejects.toThrow(/is full/);
  await makeRoom();
  await expect.poll(() => deliveryOf(bot.store, id)).toBe('sent');
  const after = await bot.ask({ key: 'after' });
  await expect.poll(() => deliveryOf(bot.store, after.id)).toBe('sent');
  expect(await bot.jobs.get(id)).toMatchObject({ state: 'done' });
  expect(await picturesOfJob(bot.store.db, id)).toHaveLength(1);
});

it('loses nothing while another program locks the database', async () => {
  const { where } = await place();
  const { openStore } = await import('../src/store/store.ts');
  const open = (options: Parameters<typeof openStore>[0]) => openStore({ ...options, busyTimeoutMs: 50 });
  const bot = await startTestBot({ ...where, pictureMs: 200, open });
  const { id } = await bot.ask({ key: 'before' });
  await expect.poll(() => bot.jobs.snapshot().engines[0]?.progress?.done).toBeGreaterThan(0);
  const other = new DatabaseSync(sqliteFile(where.dataDir));
  onTestFinished(() => other.close());
  other.exec('begin immediate');
  await expect(bot.ask({ key: 'meanwhile' })).rejects.toThrow(/locked by another program/);
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(await stateOf(bot.store, id)).toBe('running');
  other.exec('rollback');
  await expect.poll(() => deliveryOf(bot.store, id)).toBe('sent');
});

it('tells the person that their stored photo is damaged', async () => {
  const { chat, where } = await place();
  const bot = await startTestBot({ ...where, pictureMs: 300 });
  await bot.ask({ key: 'first' });
  const { id, photoHash } = await bot.ask({ key: 'second', photo: await photo() });
  await scribble(bot.store.blobs.pathOf(photoHash ?? ''), 0, 3);
  await expect.poll(() => deliveryOf(bot.store, id)).toBe('sent');
  expect(await bot.jobs.get(id)).toMatchObject({ state: 'failed', failureReason: expect.stringContaining('damaged') });
  expect((await chat.messages())[1]?.shown).toMatchObject({
    state: 'failed',
    text: expect.stringContaining('damaged'),
  });
});

it('refuses a folder that is none in a sentence, and closes what it had opened', async () => {
  const {
    where: { chatOrigin, dataDir },
  } = await place();
  await writeFile(dataDir, 'not a folder');
  await expect(startTestBot({ dataDir, chatOrigin })).rejects.toThrow(/data/);
});
