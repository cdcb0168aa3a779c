import { describe, expect, it, onTestFinished } from 'vitest';
import { giveConsent, hasConsented, termsVersion } from '../../src/people/consent.ts';
import { auditPage } from '../../src/store/audit.ts';
import { consentOf, insertConsent } from '../../src/store/consents.ts';
import { mergePeople } from '../../src/store/people.ts';
import { opened, temporaryFolder } from '../contracts/place.ts';
import { settle } from '../contracts/rows.ts';
import { plainPerson, type PlainPerson, plainStage } from '../commands/plain-person.ts';
import { photoFile } from '../photo/samples.ts';

const manager = { scene: { mayManage: true } };
const patient = { timeout: 10_000, interval: 20 };

describe('consent', () => {
  it('is written down once, with its audit row, and asked for again with new terms', async () => {
    const store = await opened({ dataDir: await temporaryFolder() });
    await settle(store);
    expect(await hasConsented(store, 'anna')).toBe(false);
    expect(await giveConsent(store, 'anna', 5)).toBe(true);
    expect(await giveConsent(store, 'anna', 6)).toBe(false);
    expect(await hasConsented(store, 'anna')).toBe(true);
    expect(await hasConsented(store, 'bert')).toBe(false);
    expect(await auditPage(store.db, { action: 'consent.given' }, { limit: 9 })).toMatchObject([
      { at: 5, actor: 'person:anna', subject: 'person:anna', detail: { version: termsVersion } },
    ]);
    await store.transaction((tx) => insertConsent(tx, { personId: 'bert', version: termsVersion - 1, at: 1 }));
    expect(await hasConsented(store, 'bert')).toBe(false);
    expect(await giveConsent(store, 'bert', 7)).toBe(true);
    expect(await hasConsented(store, 'bert')).toBe(true);
  });

  it.each([
    ['the newer', 1, 2, 2],
    ['the newer', 3, 2, 3],
    ['the only one', 1, undefined, 1],
    ['the only one', undefined, 1, 1],
  ])('of two accounts that become one is %s', async (_, from, into, merged) => {
    const store = await opened({ dataDir: await temporaryFolder() });
    await settle(store);
    await store.transaction(async (tx) => {
      if (from !== undefined) await insertConsent(tx, { personId: 'bert', version: from, at: 1 });
      if (into !== undefined) await insertConsent(tx, { personId: 'anna', version: into, at: 2 });
      await mergePeople(tx, { from: 'bert', into: 'anna' });
    });
    expect(await consentOf(store.db, 'anna')).toMatchObject({ version: merged });
    expect(await consentOf(store.db, 'bert')).toBeUndefined();
  });
});

describe('the terms come first', () => {
  const openChat = async () => {
    const stage = await plainStage({ consents: 'asked' });
    const anna = plainPerson(stage.chat, 'anna', manager);
    const agree = async (person: PlainPerson): Promise<void> => {
      const terms = (await person.heard()).findLast(({ buttons }) => buttons.includes('I agree'));
      if (terms === undefined) throw new Error('Nobody asked.');
      await person.press(terms, 'I agree');
    };
    const paints = async (pictures: number, prompt: string): Promise<void> => {
      await expect.poll(() => stage.engine().requests.length, patient).toBe(pictures);
      expect(stage.engine().requests.at(-1)?.prompt).toBe(prompt);
    };
    return { stage, anna, agree, paints };
  };

  it('for words with a photo, for a prompt after its photo', async () => {
    const { stage, anna, agree, paints } = await openChat();
    const bert = plainPerson(stage.chat, 'bert');
    await anna.say('a knight', [stage.chat.photo(photoFile('astronaut.png'))]);
    await bert.say('', [stage.chat.photo(photoFile('rocket.jpg'))]);
    await bert.say('a rocket on the moon');
    expect(stage.engine().requests).toEqual([]);
    await agree(anna);
    await paints(1, 'a knight');
    await agree(bert);
    await paints(2, 'a rocket on the moon');
  });

  it('for the menu on a message', async () => {
    const { stage, anna, agree, paints } = await openChat();
    await anna.run('cow-this-photo', {}, [stage.chat.photo(photoFile('astronaut.png'))]);
    const [queen] = [{ prompt: 'a queen' }];
    await anna.fill(queen);
    expect(stage.engine().requests).toEqual([]);
    await agree(anna);
    await paints(1, 'a queen');
  });

  it('for buttons under somebody else’s picture, and for the form that they open', async () => {
    const { stage, anna, agree, paints } = await openChat();
    await anna.run('settings', { scope: 'here', name: 'others', value: 'everyone' });
    await anna.ask('a knight');
    await agree(anna);
    await expect.poll(() => stage.messages(), patient).toMatchObject([{ buttons: expect.arrayContaining(['Again']) }]);
    const [picture] = await stage.messages();
    if (picture === undefined) throw new Error('There is no picture.');
    const [bert, carl] = [plainPerson(stage.chat, 'bert'), plainPerson(stage.chat, 'carl')];
    await bert.press(picture, 'Again');
    await carl.press(picture, 'Remix');
    const [pirate, rocket] = [{ prompt: 'a pirate' }, photoFile('rocket.jpg')] as const;
    await carl.fill(pirate, rocket);
    expect(stage.engine().requests).toHaveLength(1);
    await agree(bert);
    await paints(2, 'a knight');
    await agree(carl);
    await paints(3, 'a pirate');
  });

  it('and are agreed to by nobody for somebody else', async () => {
    const { stage, anna, agree, paints } = await openChat();
    const bert = plainPerson(stage.chat, 'bert');
    await anna.ask('a knight');
    const [terms] = await anna.heard();
    if (terms === undefined) throw new Error('Nobody asked.');
    await bert.press(terms, 'I agree');
    expect(await bert.texts()).toEqual(['This button is for whoever asked for it.']);
    await bert.ask('a pirate');
    expect((await bert.heard()).at(-1)?.buttons).toEqual(['I agree']);
    expect(stage.engine().requests).toEqual([]);
    await agree(anna);
    await paints(1, 'a knight');
  });

  it('and a press that is sent twice asks for one picture', async () => {
    const { stage, anna, agree, paints } = await openChat();
    await anna.ask('a knight');
    const [terms] = await anna.heard();
    if (terms === undefined) throw new Error('Nobody asked.');
    const pressId = stage.chat.pressIdOf(terms.id, 'I agree');
    await Promise.all([agree(anna), anna.forge(terms, pressId)]);
    await paints(1, 'a knight');
    await anna.forge(terms, pressId);
    expect(await anna.texts()).toContain('Thank you! That request is too old by now: please ask once more.');
    expect(stage.engine().requests).toHaveLength(1);
  });

  it('and wait a quarter of an hour for the word', async () => {
    let now = Date.now();
    const stage = await plainStage({ consents: 'asked', clock: () => now });
    onTestFinished(() => stage.engine().release());
    const anna = plainPerson(stage.chat, 'anna');
    await anna.ask('a knight');
    now += 16 * 60_000;
    const [terms] = await anna.heard();
    if (terms === undefined) throw new Error('Nobody asked.');
    await anna.press(terms, 'I agree');
    expect(await anna.texts()).toContain('Thank you! That request is too old by now: please ask once more.');
    await anna.ask('a queen');
    await expect.poll(() => stage.engine().requests.map(({ prompt }) => prompt), patient).toEqual(['a queen']);
  });
});
