/** "Try again" under what has been cancelled asks what a new request is asked. */
import { expect, it } from 'vitest';
import { listJobs } from '../../src/store/jobs.ts';
import { plainPerson, plainStage } from './plain-person.ts';

const patient = { timeout: 5_000, interval: 20 };

it('is refused where the person may no longer ask, and works where they may', async () => {
  const stage = await plainStage();
  const { db } = stage.house().services.store;
  const mona = plainPerson(stage.chat, 'mona', { scene: { mayManage: true } });
  const anna = plainPerson(stage.chat, 'anna');
  const state = async () => (await listJobs(db, {}, { limit: 1 }))[0]?.state;
  stage.engine().hold();
  await anna.ask('a knight');
  await expect.poll(state, patient).toBe('running');
  await anna.run('cancel');
  await expect.poll(state, patient).toBe('cancelled');
  const ended = async () => (await stage.messages()).find(({ buttons }) => buttons.includes('Try again'));
  await expect.poll(ended, patient).toBeDefined();
  const message = await ended();
  if (message === undefined) throw new Error('The message was there a moment ago.');

  await mona.run('settings', { scope: 'here', name: 'who', value: 'moderator' });
  await anna.press(message, 'Try again');
  expect((await anna.texts()).at(-1)).toContain('Only some members');
  expect(await state()).toBe('cancelled');

  await mona.run('settings', { scope: 'here', name: 'who', value: 'usual' });
  await anna.press(message, 'Try again');
  expect(await state()).not.toBe('cancelled');
});
