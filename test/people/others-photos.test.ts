/** Who goes on from somebody else's picture does not get that person's photo. */
import { expect, it } from 'vitest';
import { exportOf } from '../../src/people/export.ts';
import { listJobs } from '../../src/store/jobs.ts';
import { plainPerson, plainStage } from '../commands/plain-person.ts';

const patient = { timeout: 5_000, interval: 20 };

it('keeps a photo out of others’ exports, and takes it away from them when it is deleted', async () => {
  const stage = await plainStage();
  const { store } = stage.house().services;
  const mona = plainPerson(stage.chat, 'mona', { scene: { mayManage: true } });
  const [yves, xenia] = [plainPerson(stage.chat, 'yves'), plainPerson(stage.chat, 'xenia')];
  await mona.run('settings', { scope: 'here', name: 'others', value: 'everyone' });
  await yves.ask('a knight');
  await expect.poll(() => stage.messages(), patient).toMatchObject([{ pictures: [{}] }]);
  const [first] = await stage.messages();
  if (first === undefined) throw new Error('There is no picture.');
  await xenia.press(first, 'Again');
  await expect.poll(() => stage.messages(), patient).toMatchObject([{ pictures: [{}] }, { pictures: [{}] }]);
  const [child, own] = await listJobs(store.db, {}, { limit: 2 });
  const photosOf = async (personId = ''): Promise<boolean> => {
    const { parts } = await exportOf(store, personId, 10 * 2 ** 20);
    const zips = await Promise.all(parts.map(async ({ bytes }) => Buffer.from(await bytes())));
    return zips.some((zip) => zip.includes('photos/'));
  };
  expect(await photosOf(own?.personId)).toBe(true);
  expect(await photosOf(child?.personId)).toBe(false);

  const second = (await stage.messages()).at(-1);
  if (second === undefined) throw new Error('There is no picture.');
  await xenia.press(second, 'Details');
  const details = (await xenia.texts()).at(-1);
  expect(details).toContain('a knight');
  expect(details).not.toContain('Made from');

  await yves.press(first, 'Delete');
  const question = (await yves.heard()).at(-1);
  if (question === undefined) throw new Error('Nobody asked.');
  await yves.press(question, 'Delete');
  expect(await photosOf(child?.personId)).toBe(false);
  const kept = store.db.selectFrom('blobRefs').select('hash').where('role', '=', 'photo').execute();
  expect(await kept).toEqual([]);
  expect(await stage.messages()).toHaveLength(1);
});
