/** Refusals and failures that are known only when nobody waits for an answer any more. */
import { expect, it } from 'vitest';
import { tellPerson } from '../../src/moderation/telling.ts';
import { communityByChat } from '../../src/store/communities.ts';
import { accountOf } from '../../src/store/people.ts';
import { photoFile } from '../photo/samples.ts';
import { plainPerson, plainStage } from './plain-person.ts';

const patient = { timeout: 5_000, interval: 20 };

it('says in the person’s language why a picture cannot be painted, with its numbers', async () => {
  const stage = await plainStage();
  const anna = plainPerson(stage.chat, 'anna', { actor: { locale: 'de' } });
  const photo = stage.chat.photo(photoFile('astronaut.png'));
  await anna.run('cow', { prompt: 'ein Ritter', place: '0,0,4096' }, [photo]);
  await expect
    .poll(() => stage.messages(), patient)
    .toMatchObject([{ text: expect.stringMatching(/Die Größe der Stelle geht in diesem Bild von \d+ bis \d+ Pixel/) }]);
});

it('lists what could not be sent, and why, in the person’s language', async () => {
  const stage = await plainStage();
  stage.engine().hold();
  const anna = plainPerson(stage.chat, 'anna', { actor: { locale: 'es' } });
  await anna.ask('un caballero');
  stage.chat.loseMessages();
  stage.engine().release();
  const { store } = stage.house().services;
  await expect
    .poll(() => store.db.selectFrom('deliveries').select(['state', 'reasonCode']).execute(), patient)
    .toEqual([{ state: 'undeliverable', reasonCode: 'message-gone' }]);
  await anna.run('mine');
  expect((await anna.texts()).at(-1)).toContain('El mensaje para ella fue borrado.');
});

it('tells people in their own language, their community’s, or that which their client spoke last', async () => {
  const stage = await plainStage();
  const { store } = stage.house().services;
  const here = { platform: 'plain', platformUserId: 'anna', platformChatId: 'farm' };
  const german = plainPerson(stage.chat, 'anna', { actor: { locale: 'de' } });
  const silent = plainPerson(stage.chat, 'anna', { actor: { locale: undefined } });
  const mona = plainPerson(stage.chat, 'mona', { scene: { mayManage: true } });
  const tell = async (subject: string): Promise<void> => {
    const [personId = '', communityId = ''] = [
      (await accountOf(store.db, here))?.personId,
      await communityByChat(store.db, here),
    ];
    const telling = { kind: 'lifted', subject, caseId: null, communityId, detail: {}, at: Date.now() } as const;
    await store.transaction(async (tx) => tellPerson(tx, personId, telling));
  };
  const hears = async (text: string): Promise<void> => {
    await expect.poll(async () => (await german.texts()).at(-1), patient).toContain(text);
  };

  await german.run('why');
  await silent.run('why');
  const nothing = expect.stringContaining('Von dir ist nichts in Arbeit.');
  expect(await german.texts()).toEqual([nothing, nothing]);
  await tell('1');
  await hears('wurde aufgehoben');
  await mona.run('settings', { scope: 'here', name: 'language', value: 'es' });
  await tell('2');
  await hears('se levantó');
  await german.run('settings', { scope: 'me', name: 'language', value: 'en' });
  await tell('3');
  await hears('was lifted');
  await plainPerson(stage.chat, 'anna', { actor: { locale: 'zh-CN' } }).run('why');
  expect((await accountOf(store.db, here))?.locale).toBe('zh-CN');
});
