/** The pages of settings: what is set, in words, and buttons that change it where they stand. */
import { describe, expect, it } from 'vitest';
import { packId } from '../../commands/contract/press-id.ts';
import { languages } from '../../commands/languages/languages.ts';
import { impose } from '../../src/moderation/sanctions.ts';
import { communitySettingsOf } from '../../src/people/settings.ts';
import { auditPage } from '../../src/store/audit.ts';
import { communityByChat } from '../../src/store/communities.ts';
import { personByIdentity } from '../../src/store/people.ts';
import { type PlainPerson, plainPerson, plainStage } from './plain-person.ts';

const patient = { timeout: 5_000, interval: 20 };

type Stage = Awaited<ReturnType<typeof plainStage>>;

const storeOf = (stage: Stage) => stage.house().services.store;

async function farmOf(stage: Stage): Promise<string> {
  const id = await communityByChat(storeOf(stage).db, { platform: 'plain', platformChatId: 'farm' });
  if (id === undefined) throw new Error('Nobody was there.');
  return id;
}

/** The page that somebody opened last. */
async function pageOf(person: PlainPerson) {
  const page = (await person.heard()).findLast(({ buttons }) => buttons.length > 0);
  if (page === undefined) throw new Error('There is no page.');
  return page;
}

async function walk(person: PlainPerson, ...labels: readonly string[]): Promise<string> {
  for (const label of labels) await person.press(await pageOf(person), label);
  return (await pageOf(person)).text;
}

const manages = { scene: { mayManage: true, mayModerate: true } };

describe('a person', () => {
  it('sees their settings in words, and changes them in the same message', async () => {
    const stage = await plainStage();
    const anna = plainPerson(stage.chat, 'anna');
    await anna.run('settings');
    expect((await pageOf(anna)).text).toBe(
      'Your settings\nLanguage: as your app says\nBalance: 3 (as usual here)\nWhat stays: face or subject\n' +
        'Pictures at once: 1\nPreviews: yes\nPress one to change it.',
    );
    expect((await pageOf(anna)).buttons).not.toContain('For everybody here');
    expect(await walk(anna, 'Balance', '5')).toMatch(/Was: 3 \(as usual here\)\nNow: 5$/);
    expect(await walk(anna, '3 (as usual here)')).toMatch(/Was: 5\nNow: 3 \(as usual here\)$/);
    expect(await walk(anna, '5', 'Back', 'Language', 'Deutsch')).toBe(
      'Sprache\nWas ich spreche.\nVorher: wie deine App\nJetzt: Deutsch',
    );
    expect(await walk(anna, 'Zurück')).toContain('Foto oder Text: 5');
    expect(await anna.texts()).toHaveLength(1);
    await anna.ask('a knight');
    await expect.poll(() => stage.engine().requests, patient).toMatchObject([{ balance: 5 }]);
  });

  it('is alone with their buttons', async () => {
    const stage = await plainStage();
    const [anna, bert] = [plainPerson(stage.chat, 'anna'), plainPerson(stage.chat, 'bert')];
    await anna.run('settings');
    await bert.press(await pageOf(anna), 'Balance');
    expect(await bert.texts()).toEqual(['This button is for whoever asked for it.']);
    expect((await pageOf(anna)).text).toContain('Your settings');
  });

  it('manages their private chat, which has no members', async () => {
    const stage = await plainStage();
    const anna = plainPerson(stage.chat, 'anna', {
      scene: { kind: 'private', communityId: 'anna', channelId: 'anna', ...manages.scene },
    });
    await anna.run('settings');
    expect(await walk(anna, 'More settings')).toContain('Spoiler: no');
    expect((await pageOf(anna)).buttons).toEqual(['Method', 'Size in pixels', 'Spoiler', 'Back']);
    expect(await walk(anna, 'Spoiler', 'yes', 'Back', 'Back')).toContain('Your settings');
  });
});

describe('a manager', () => {
  const managed = async () => {
    const stage = await plainStage();
    const mona = plainPerson(stage.chat, 'mona', manages);
    await mona.run('settings');
    return { stage, mona };
  };

  it('changes what holds for everybody, by buttons and by a form, and the trail says from what to what', async () => {
    const { stage, mona } = await managed();
    expect(await walk(mona, 'For everybody here')).toContain('Results: everybody at once\nChecks: normal');
    expect(await walk(mona, 'Moderation', 'Results', 'after a moderator’s look')).toMatch(
      /Was: everybody at once\nNow: after a moderator’s look$/,
    );
    await walk(mona, 'Back', 'Words not painted', 'Another…');
    await mona.fill({ value: 'turnip, ?leek' });
    expect((await pageOf(mona)).text).toMatch(/Was: none\nNow: turnip, \?leek$/);
    await walk(mona, 'Another…');
    expect(stage.chat.formOf('mona')?.form.fields).toMatchObject([{ kind: 'paragraph', value: 'turnip, ?leek' }]);
    await mona.fill({ value: '' });
    expect((await pageOf(mona)).text).toMatch(/Now: none$/);
    await walk(mona, 'Back', 'Back', 'Pictures', 'Size in pixels', 'Another…');
    await mona.fill({ value: '100' });
    expect((await mona.texts()).at(-1)).toContain('cannot paint that size');
    await mona.fill({ value: '128' });
    expect((await pageOf(mona)).text).toMatch(/Was: as the model likes it\nNow: 128$/);
    const { db } = storeOf(stage);
    const rows = (await auditPage(db, { community: await farmOf(stage) }, { limit: 9 })).toReversed();
    expect(rows.map(({ detail }) => detail)).toEqual([
      { name: 'share', from: 'at-once', to: 'after-review' },
      { name: 'words', from: 0, to: 2 },
      { name: 'words', from: 2, to: 0 },
      { name: 'size', from: null, to: 128 },
    ]);
    await mona.run('audit', { action: 'settings' });
    expect((await mona.texts()).at(-1)).toMatch(
      /\(asked, size, usual → 128\)[^]*\(asked, share, at-once → after-review\)/,
    );
  });

  it('goes on from a private chat with the community that the page is of', async () => {
    const { stage, mona } = await managed();
    const alone = plainPerson(stage.chat, 'mona', {
      scene: { kind: 'private', communityId: 'mona', channelId: 'mona', ...manages.scene },
    });
    const farm = packId(await farmOf(stage));
    const page = await pageOf(mona);
    await alone.forge(page, `v1:set:${farm}:who.moderator`);
    expect((await alone.texts()).at(-1)).toContain('Only those who manage');
    stage.chat.rights.set('mona@farm', { mayManage: true, mayModerate: true, roleIds: [] });
    expect(await walk(alone, 'For everybody here', 'Who and where', 'Who may ask', 'moderators')).toMatch(
      /Was: everybody\nNow: moderators$/,
    );
    expect((await communitySettingsOf(storeOf(stage), await farmOf(stage))).who).toBe('moderator');
    expect(await walk(alone, 'Back', 'Where')).toContain('send this there: /settings here --name channels');
    expect((await pageOf(alone)).buttons).toEqual(['everywhere', 'Another…', 'Back']);
    await alone.forge(page, `v1:set:${farm}:channels.here`);
    expect((await alone.texts()).at(-1)).toContain('Please say');
    expect(await walk(alone, 'Back', 'Back', 'My settings')).toContain('Your settings');
    expect((await pageOf(alone)).buttons).toContain('For everybody here');
  });

  it('of another community, or suspended in this one, changes nothing, whatever they send', async () => {
    const { stage, mona } = await managed();
    const max = plainPerson(stage.chat, 'max', {
      scene: { ...manages.scene, communityId: 'town', channelId: 'square' },
    });
    const store = storeOf(stage);
    const farm = await farmOf(stage);
    const monaId = await personByIdentity(store.db, { platform: 'plain', platformUserId: 'mona' });
    const until = Date.now() + 86_400_000;
    const sanction = { communityId: farm, caseId: null, reason: 'other', imposedBy: 'system', at: Date.now(), until };
    await store.transaction(async (tx) => impose(tx, { ...sanction, kind: 'suspend', personId: monaId ?? '' }));
    const before = await communitySettingsOf(store, farm);
    const page = await pageOf(mona);
    const said = async (person: PlainPerson, act: () => Promise<void>): Promise<string> => {
      const count = (await person.texts()).length;
      await act();
      return (await person.texts()).slice(count).join();
    };
    const id = packId(farm);
    for (const [person, sentence] of [
      [max, 'Only those who manage'],
      [mona, 'You are suspended here'],
    ] as const) {
      for (const extra of ['', ':who.manager', ':weight.managers.4', ':words.other', ':g.people']) {
        expect(await said(person, () => person.forge(page, `v1:set:${id}${extra}`))).toContain(sentence);
      }
      for (const extra of ['words', 'weight']) {
        expect(await said(person, () => person.submit({ form: 'set', id, extra }))).toContain(sentence);
      }
    }
    expect(await communitySettingsOf(store, farm)).toEqual(before);
    expect(await auditPage(store.db, { action: 'settings' }, { limit: 9 })).toEqual([]);
  });

  it('is told so where a button is no longer one', async () => {
    const { stage, mona } = await managed();
    const id = packId(await farmOf(stage));
    const page = await pageOf(mona);
    for (const extra of ['nothing', 'nothing.4', 'g.nothing', 'weight.nothing', 'weight.nobody.2', 'who.emperor']) {
      await mona.forge(page, `v1:set:${id}:${extra}`);
      expect((await mona.texts()).at(-1)).toMatch(/do not know this button|use one of these/);
    }
    await mona.submit({ form: 'set', id, extra: 'nothing' });
    expect((await mona.texts()).at(-1)).toContain('do not know this button');
  });

  it.each(languages)('finds pages that fit, and every button of them works, in %s', async (locale) => {
    const stage = await plainStage();
    const mona = plainPerson(stage.chat, 'mona', { ...manages, actor: { locale } });
    await mona.run('settings');
    const page = await pageOf(mona);
    const known = new Set<string>();
    const next = stage.chat.rowsOf(page.id).flat();
    for (let button = next.shift(); button !== undefined; button = next.shift()) {
      const { pressId } = button;
      // A form, and languages that would be read from there on.
      if (known.has(pressId) || /other$|language[._]/.test(pressId)) continue;
      known.add(pressId);
      await mona.forge(page, pressId);
      const rows = stage.chat.rowsOf(page.id);
      // https://discord.com/developers/docs/components/reference: what else there is would not be shown.
      expect([pressId, rows.length <= 5]).toEqual([pressId, true]);
      for (const row of rows) expect(row.length).toBeLessThanOrEqual(5);
      const buttons = rows.flat();
      expect(new Set(buttons.map((one) => one.pressId)).size).toBe(buttons.length);
      for (const { label } of buttons) expect(label).toMatch(/^.{1,40}$/u);
      next.push(...buttons);
    }
    expect(known.size).toBeGreaterThan(80);
    // Nothing was refused.
    expect(await mona.texts()).toHaveLength(1);
  });
});

describe('a share of the engine', () => {
  const weighed = async () => {
    const stage = await plainStage({ operators: new Set(['plain:olga']) });
    const mona = plainPerson(stage.chat, 'mona', manages);
    const set = async (value: string): Promise<string> => {
      await mona.run('settings', { name: 'weight', value });
      return (await mona.texts()).at(-1) ?? '';
    };
    const why = async (person: PlainPerson): Promise<string> => {
      stage.engine().hold();
      await person.ask('first');
      await expect.poll(() => stage.engine().requests.length, patient).toBeGreaterThan(0);
      await person.ask('second');
      await person.ask('third');
      const texts = async () => (await person.texts()).at(-1) ?? '';
      const waiting = (await stage.messages()).filter(({ buttons }) => buttons.includes('Why waiting?')).at(-1);
      if (waiting === undefined) throw new Error('Nothing waits.');
      await person.press(waiting, 'Why waiting?');
      return texts();
    };
    return { stage, mona, set, why };
  };

  it('is given to a kind of members on the page, and they are told so, over a restart', async () => {
    const { stage, mona, why } = await weighed();
    await mona.run('settings');
    expect(await walk(mona, 'For everybody here', 'Who and where', 'Shares')).toContain('the same for all');
    expect((await pageOf(mona)).buttons).not.toContain('Boosters');
    expect(await walk(mona, 'Moderators', '2')).toMatch(/Was: 1\nNow: 2$/);
    expect(await walk(mona, 'Back')).toContain('• Moderators: 2');
    const mia = plainPerson(stage.chat, 'mia', { scene: { mayModerate: true } });
    expect(await why(mia)).toContain('Your share counts double here.');
    await stage.restart();
    stage.engine().hold();
    await expect.poll(() => stage.engine().requests.length, patient).toBe(1);
    const waiting = (await stage.messages()).filter(({ buttons }) => buttons.includes('Why waiting?')).at(-1);
    if (waiting !== undefined) await mia.press(waiting, 'Why waiting?');
    expect((await mia.texts()).at(-1)).toContain('Your share counts double here.');
  });

  it('is the largest of somebody’s roles, and a person’s own comes first', async () => {
    const { stage, set, why } = await weighed();
    expect(await set('<@&77> 0.5')).toContain('weight is now <@&77> 0.5');
    expect(await set('boosters 3')).toContain('boosters 3');
    const anna = plainPerson(stage.chat, '4141', { scene: { roleIds: ['77'], isBooster: true } });
    expect(await why(anna)).toContain('Your share counts 3 times here.');
    expect(await set('<@4141> 0,5')).toContain('0,5');
    const weights = async () =>
      storeOf(stage)
        .keyv('weights')
        .get(JSON.stringify([await farmOf(stage), await id()]));
    const id = async () => personByIdentity(storeOf(stage).db, { platform: 'plain', platformUserId: '4141' });
    expect(await weights()).toMatchObject({ weight: 0.5 });
    const waiting = (await stage.messages()).filter(({ buttons }) => buttons.includes('Why waiting?')).at(-1);
    if (waiting !== undefined) await anna.press(waiting, 'Why waiting?');
    expect((await anna.texts()).at(-1)).toContain('Your share counts half here.');
  });

  it('is within bounds, of somebody who is known, and a community’s own is the operator’s', async () => {
    const { stage, mona, set } = await weighed();
    for (const value of ['boosters 5', '<@&77> 0.2', 'managers 0'])
      expect(await set(value)).toContain('from 0.25 to 4');
    expect(await set('<@999> 2')).toContain('I do not know this person yet');
    expect(await set('everybody 2')).toContain('boosters, moderators or managers');
    expect(await set('2')).toContain('Only those who run this bot');
    const anna = plainPerson(stage.chat, 'anna');
    await anna.run('settings', { name: 'weight', value: 'boosters 2' });
    expect((await anna.texts()).at(-1)).toContain('Only those who manage');
    await plainPerson(stage.chat, '4242').run('help');
    await mona.run('settings');
    await walk(mona, 'For everybody here', 'Who and where', 'Shares', 'A role or person…');
    await mona.fill({ who: '<@4242>', value: '2' });
    expect((await pageOf(mona)).text).toMatch(/• 4242: 2\nChanged: 4242, 1 → 2$/);
    await walk(mona, 'A role or person…');
    await mona.fill({ who: '<@&77>', value: '0.25' });
    expect((await pageOf(mona)).text).toContain('• 77: 0.25');
    for (let role = 100; role < 124; role += 1) await set(`<@&${role}> 2`);
    expect(await set('<@&999> 2')).toContain('At most 25 roles');
    expect(await set('<@&100> usual')).toContain('usual');
    expect(await set('<@&999> 2')).toContain('weight is now');
  });
});
