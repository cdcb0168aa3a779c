/** Refusals and failures that are known only when nobody waits for an answer any more. */
import { expect, it } from 'vitest';
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
