/** What a platform tells of again after a process has died in the middle of it. */
import { expect, it } from 'vitest';
import type { ActId } from '../../src/store/acts.ts';
import { listJobs } from '../../src/store/jobs.ts';
import { pressAct } from './plain-chat.ts';
import { plainPerson, plainStage } from './plain-person.ts';

const patient = { timeout: 10_000, interval: 20 };

it('is done by the next process where nothing came of it, and once where its job was made', async () => {
  const stage = await plainStage();
  const anna = plainPerson(stage.chat, 'anna');
  const pictures = async () => (await stage.messages()).map((message) => message.pictures.length);
  await anna.ask('a knight');
  await expect.poll(pictures, patient).toEqual([1]);
  const id = (await stage.messages())[0]?.id ?? '';
  const press = pressAct('pressed', stage.chat.pressIdOf(id, 'Again'));
  const scene = { platform: 'plain', communityId: 'farm', kind: 'community', channelId: 'barn' } as const;
  const where = { ...scene, mayManage: false, mayModerate: false, roleIds: [], maxUploadBytes: 1e7 };
  const tellAgain = async () => {
    await stage.restart();
    await stage.chat.act(press, anna.actor, where, id);
  };
  const act: ActId = { platform: 'plain', requestId: 'pressed' };

  // It died before the work.
  const before = { ...act, takenBy: 'the dead', at: Date.now(), isDone: 0, jobId: null };
  await stage.house().services.store.db.insertInto('acts').values(before).execute();
  await tellAgain();
  await expect.poll(pictures, patient).toEqual([1, 1]);
  // It died after the work, before anybody could say so; the picture is there by the time that it is told again.
  const { db } = stage.house().services.store;
  await db.updateTable('acts').set({ isDone: 0 }).where('requestId', '=', act.requestId).execute();
  await tellAgain();
  // It is done.
  await tellAgain();
  expect(await listJobs(stage.house().services.store.db, {}, { limit: 9 })).toHaveLength(2);
  expect(await pictures()).toEqual([1, 1]);
});
