import { rm } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { addBlobRef } from '../../src/store/blob-rows.ts';
import { insertJob } from '../../src/store/jobs.ts';
import { opened, temporaryFolder } from '../contracts/place.ts';
import { newJob, settle } from '../contracts/rows.ts';
import { cowbot, objects } from './cowbot.ts';

/** The data folder of a bot that runs, with a job and its photo in it. */
async function running() {
  const folder = await temporaryFolder();
  const dataDir = path.join(folder, 'data');
  const bot = await opened({ dataDir });
  await settle(bot);
  const { hash } = await bot.blobs.put(Buffer.from('a photo'), 'image/jpeg');
  await bot.transaction(async (tx) => {
    await insertJob(tx, newJob('job', { photoHash: hash }));
    await addBlobRef(tx, { hash, ownerKind: 'job', ownerId: 'job', role: 'photo' });
  });
  return { bot, hash, folder, env: { COWBOT_DATA: dataDir } };
}

it('copies what a running bot keeps, and puts it back', async () => {
  const { bot, hash, folder, env } = await running();
  const copy = path.join(folder, 'copy');
  const made = await cowbot(['backup', copy, '--json'], env);
  expect(made).toMatchObject({ status: 0, stderr: '' });
  expect(objects(made)).toEqual([
    { folder: copy, format: 1, madeAt: expect.any(String), blobs: 1, bytes: 7, missingBlobs: [] },
  ]);
  expect(await cowbot(['restore', copy], env)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('Another cowbot is already running'),
  });
  await bot.close();
  expect(await cowbot(['restore', copy], env)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('--replace'),
  });
  const back = await cowbot(['restore', copy, '--replace'], env);
  expect(back).toMatchObject({ status: 0, stdout: expect.stringContaining('1 files') });
  expect(back.stderr).toContain('replaced-');
  const store = await opened({ dataDir: env.COWBOT_DATA });
  expect((await store.blobs.get(hash)).toString()).toBe('a photo');
});

it('says which files a backup could not have, and ends with 1', async () => {
  const { bot, hash, folder, env } = await running();
  await rm(bot.blobs.pathOf(hash));
  const made = await cowbot(['backup', path.join(folder, 'copy')], env);
  expect(made).toMatchObject({ status: 1, stdout: expect.stringContaining('0 files') });
  expect(made.stderr).toContain(`missing or damaged: ${hash}`);
});

it('refuses a folder that is no backup, and a data folder that is none', async () => {
  const folder = await temporaryFolder();
  const env = { COWBOT_DATA: path.join(folder, 'data') };
  expect(await cowbot(['restore', folder], env)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('Expected a finished backup'),
  });
  for (const args of [
    ['backup', path.join(folder, 'copy')],
    ['jobs', 'list'],
    ['jobs', 'cancel', 'job'],
  ]) {
    expect(await cowbot(args, env)).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('There is no data of a bot'),
    });
  }
});
