/** Every setting of a community, as its managers set it and everybody lives with it. */
import { expect, it } from 'vitest';
import { communitySettingsOf } from '../../src/people/settings.ts';
import { plainPerson, plainStage } from './plain-person.ts';

const patient = { timeout: 5_000, interval: 20 };

async function managed() {
  const stage = await plainStage();
  const mona = plainPerson(stage.chat, 'mona', { scene: { mayManage: true } });
  const set = async (name: string, value: string): Promise<string> => {
    await mona.run('settings', { scope: 'here', name, value });
    return (await mona.texts()).at(-1) ?? '';
  };
  return { stage, set };
}

it('says what is painted where nobody says otherwise: balance, preset, size', async () => {
  const { stage, set } = await managed();
  for (const [name, value] of Object.entries({ balance: '4', preset: 'diffusers-0.22', size: '128' })) {
    expect(await set(name, value)).toContain(`${name} is now ${value}`);
  }
  expect(await set('preset', 'nobody')).toContain('Use one of these: paper, diffusers-0.22');
  expect(await set('size', '100')).toMatch(/cannot paint that size/);
  await (await stage.person('anna')).ask('a knight');
  await expect.poll(() => stage.messages(), patient).toMatchObject([{ pictures: [{}] }]);
  expect(stage.engine().requests).toMatchObject([{ balance: 4, preset: 'diffusers-0.22', width: 128, height: 128 }]);
});

it('says how many pictures a request may have, and how many requests of one person may wait', async () => {
  const { stage, set } = await managed();
  await set('max-count', '2');
  await set('max-waiting', '1');
  const anna = plainPerson(stage.chat, 'anna');
  await anna.ask('three at once', { count: 3 });
  expect((await anna.texts()).at(-1)).toContain('At most 2 pictures');
  stage.engine().hold();
  await anna.ask('painted');
  await expect.poll(() => stage.engine().requests.length).toBe(1);
  await anna.ask('waits');
  await anna.ask('one too many');
  expect((await anna.texts()).at(-1)).toContain('1 request of yours may wait here');
  expect(await stage.messages()).toHaveLength(2);
});

it('says who may ask, where, and in which language whoever has said none is answered', async () => {
  const { stage, set } = await managed();
  await set('who', 'moderator');
  await set('channels', 'here <#77777>');
  await set('language', 'es');
  const ask = async (name: string, scene: object): Promise<string> => {
    const person = plainPerson(stage.chat, name, { scene, actor: { locale: 'de' } });
    await person.ask('un caballero');
    return (await person.texts()).at(-1) ?? '';
  };
  expect(await ask('anna', {})).toContain('solo algunos miembros');
  expect(await ask('mia', { channelId: 'stable', mayModerate: true })).toContain('en otros canales');
  expect(await ask('mio', { channelId: 'stable', threadId: '77777', mayModerate: true })).toBe('');
  await set('who', 'usual');
  await set('channels', 'all');
  expect(await ask('bert', { channelId: 'stable' })).toBe('');
});

it('shows pictures behind a spoiler, and while they are painted, where it is set so', async () => {
  const { stage, set } = await managed();
  await set('previews', 'yes');
  const { store } = stage.house().services;
  const [{ id }] = await store.db.selectFrom('communities').select('id').execute();
  expect(await communitySettingsOf(store, id)).toMatchObject({ hasPreviews: true });
  const bert = await stage.person('bert');
  await bert.command('settings', 'no --scope me --name previews');
  const ask = async (name: string) => (await stage.person(name)).ask('a knight');
  await ask('bert');
  await expect.poll(() => stage.messages(), patient).toMatchObject([{ pictures: [{}] }]);
  await ask('anna');
  await expect.poll(() => stage.messages(), patient).toMatchObject([{}, { pictures: [{}] }]);
  await set('share', 'after-review');
  await ask('carla');
  await expect.poll(() => stage.engine().requests.length).toBe(3);
  const previewed = stage.engine().requests.map(({ previewEveryCalls }) => previewEveryCalls !== undefined);
  expect(previewed).toEqual([false, true, false]);
});

it('gives somebody a larger share against the others in it, by their managers’ word', async () => {
  const { stage, set } = await managed();
  const anna = plainPerson(stage.chat, 'anna', { actor: { userId: '1234567' } });
  expect(await set('weight', '<@1234567> 2')).toContain('do not know this person yet');
  stage.engine().hold();
  await anna.ask('first');
  expect(await set('weight', '<@1234567> 2')).toContain('weight is now <@1234567> 2');
  expect(await set('weight', '<@1234567> 0')).toContain('from 0.25 to 4');
  expect(await set('weight', '2')).toContain('Only those');
  await anna.run('settings', { name: 'weight', value: '1234567 5' });
  expect((await anna.texts()).at(-1)).toContain('Only those');
  const { store } = stage.house().services;
  const weights: unknown[] = [];
  for await (const [, stored] of store.keyv('weights').iterator?.({}) ?? []) weights.push(stored);
  const [{ id: person }] = await store.db.selectFrom('jobs').select('personId as id').execute();
  expect(weights).toEqual([{ community: expect.any(String), person, weight: 2 }]);
});

it('has no moderators in a private chat: nobody gets the cards of their own pictures', async () => {
  const stage = await plainStage();
  const anna = plainPerson(stage.chat, 'anna', { scene: { kind: 'private', communityId: 'anna', mayManage: true } });
  await anna.run('settings', { name: 'moderators', value: 'here' });
  expect(await anna.texts()).toEqual([expect.stringContaining('whoever runs this bot decides')]);
});

it('adds words to the list and takes them away', async () => {
  const { stage, set } = await managed();
  const words = async () => {
    const { db } = stage.house().services.store;
    const { id } = await db
      .selectFrom('communities')
      .select('id')
      .where('platformChatId', '=', 'farm')
      .executeTakeFirstOrThrow();
    return (await communitySettingsOf(stage.house().services.store, id)).words.map(({ pattern }) => pattern);
  };
  await set('words', 'turnip, swede');
  await set('words', '+beetroot, ?leek');
  expect(await words()).toEqual(['turnip', 'swede', 'beetroot', 'leek']);
  await set('words', '-swede, leek');
  expect(await words()).toEqual(['turnip', 'beetroot']);
  await set('words', 'chard');
  expect(await words()).toEqual(['chard']);
});
