import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { argumentsFromText } from '../../commands/arguments.ts';
import { encodePressId, parsePressId } from '../../commands/contract/press-id.ts';
import type { Reply } from '../../commands/contract/reply.ts';
import { plainText } from '../../commands/contract/reply.ts';
import { openLanguages } from '../../commands/languages/languages.ts';
import { withPresentation } from '../../commands/presentation.ts';
import { commandByName } from '../../commands/table.ts';
import { answerLeftPlaceholders, rememberPlaceholder } from '../../commands/unanswered.ts';
import { personByIdentity } from '../../src/store/people.ts';
import { photoFile } from '../photo/samples.ts';
import { plainPerson, plainStage } from './plain-person.ts';

const patient = { timeout: 5_000, interval: 20 };
const jobsOf = async ({ house }: Awaited<ReturnType<typeof plainStage>>) =>
  house().services.store.db.selectFrom('jobs').selectAll().orderBy('seq').execute();

describe('what a button carries', () => {
  it('is read back, and nothing else is read', () => {
    const id = fc.uuid();
    const action = fc.constantFrom('again', 'keep-more', 'delete-yes');
    const extra = fc.option(fc.stringMatching(/^[\w.,%-]{1,12}$/), { nil: undefined });
    fc.assert(
      fc.property(action, id, extra, (action, id, extra) => {
        const text = encodePressId({ action, id, extra });
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(64);
        expect(parsePressId(text)).toEqual(extra === undefined ? { action, id } : { action, id, extra });
      }),
    );
    const forged = [
      '',
      'v2:again:1',
      'v1:again',
      'v1:AGAIN:1',
      'v1:again:1:',
      'v1:again:a b',
      'v1:again:ü',
      `v1:again:${'a'.repeat(60)}`,
    ];
    for (const text of forged) expect([text, parsePressId(text)]).toEqual([text, undefined]);
    expect(() => encodePressId({ action: 'again', id: 'x'.repeat(60) })).toThrow('at most 64');
  });
});

describe('arguments in words', () => {
  const entry = commandByName('cow');
  it.each([
    ['a knight', { prompt: 'a knight' }],
    ['a knight --balance 4 --place top left', { prompt: 'a knight', balance: 4, place: 'top left' }],
    ['a knight —count 2', { prompt: 'a knight', count: 2 }],
    ['a well--known --thing', { prompt: 'a well--known --thing' }],
    ['--seed 7', { seed: 7 }],
    ['a knight --keep face in a --count 2 forest', { prompt: 'a knight in a forest', keep: 'face', count: 2 }],
    ['face of a knight', { prompt: 'face of a knight' }],
    ['', {}],
  ])('%j', (text, args) => {
    expect(entry && argumentsFromText(entry, text)).toEqual(args);
  });

  it.each([
    ['language de', { name: 'language', value: 'de' }],
    ['--name count 2', { name: 'count', value: '2' }],
    ['2 --name count', { name: 'count', value: '2' }],
    ['--name words who, what', { name: 'words', value: 'who, what' }],
    ['language', { name: 'language' }],
  ])('of settings: %j', (text, args) => {
    const settings = commandByName('settings');
    expect(settings && argumentsFromText(settings, text)).toEqual(args);
  });
});

describe('cow', () => {
  it('asks for what is missing, in the words of the person', async () => {
    const stage = await plainStage();
    const anna = plainPerson(stage.chat, 'anna', { actor: { locale: 'de' } });
    await anna.run('cow', { prompt: 'ein Ritter' });
    await anna.run('cow', {}, [stage.chat.photo(photoFile('astronaut.png'))]);
    await anna.run('cow', { prompt: 'ein Ritter', balance: 9 });
    await anna.run('cow', { prompt: 'x'.repeat(1001) });
    await anna.run('cow', { prompt: 'ein Ritter', place: 'under the table' });
    expect(await anna.texts()).toEqual([
      expect.stringContaining('Schick mir ein Foto'),
      expect.stringContaining('Was soll ich'),
      expect.stringContaining('von 1 bis 5'),
      expect.stringContaining('1.000 Zeichen'),
      expect.stringContaining('keine Stelle'),
    ]);
    expect(await stage.messages()).toEqual([]);
  });

  it('takes the photo that came before the words, in private or with the command', async () => {
    const stage = await plainStage();
    const anna = plainPerson(stage.chat, 'anna');
    await anna.say('', [stage.chat.photo(photoFile('astronaut.png'))]);
    expect(await anna.texts()).toEqual([expect.stringContaining('Nice photo')]);
    await anna.say('a knight');
    await anna.run('cow', { prompt: 'a pirate', keep: 'whole', count: 2 });
    await expect.poll(() => stage.messages(), patient).toMatchObject([{ pictures: [{}] }, { pictures: [{}, {}] }]);
  });

  it('asked twice by one event makes one job', async () => {
    const stage = await plainStage();
    const { actor } = plainPerson(stage.chat, 'anna');
    const scene = { platform: 'plain', communityId: 'farm', kind: 'community', channelId: 'barn' } as const;
    const where = { ...scene, mayManage: false, mayModerate: false, roleIds: [], maxUploadBytes: 1e7 };
    const photos = [stage.chat.photo(photoFile('astronaut.png'))];
    const act = { kind: 'command', requestId: 'same', name: 'cow', args: { prompt: 'a knight' }, photos } as const;
    await stage.chat.act(act, actor, where);
    await stage.chat.act(act, actor, where);
    expect(await jobsOf(stage)).toHaveLength(1);
    expect(await stage.messages()).toHaveLength(1);
  });

  it('is refused in its placeholder where the check or the queue says no', async () => {
    const stage = await plainStage({ isModerated: true });
    await (await stage.person('anna')).ask('a nude knight');
    expect(await stage.messages()).toMatchObject([{ text: expect.stringContaining('nudity'), buttons: [] }]);
    expect(await jobsOf(stage)).toEqual([]);
  });

  it('answers placeholders that a dead process left', async () => {
    const stage = await plainStage();
    const { store } = stage.house().services;
    const part = { jobId: 'j', language: 'es', askerId: 'anna', askerName: 'anna', isSpoiler: false } as const;
    await rememberPlaceholder(store, 'plain', 'plain:e1', withPresentation({ chat: 'barn', message: 'm1' }, part));
    const said: string[] = [];
    const edit = async (_: unknown, reply: Reply): Promise<void> => {
      said.push(plainText(reply));
    };
    expect(await answerLeftPlaceholders(store, 'plain', openLanguages(), edit)).toBe(1);
    expect(await answerLeftPlaceholders(store, 'plain', openLanguages(), edit)).toBe(0);
    expect(said).toEqual([expect.stringContaining('reiniciaron')]);
  });
});

describe('settings', () => {
  it('of a community are its managers’ alone, and hold', async () => {
    const stage = await plainStage({ operators: new Set(['plain:olga']) });
    const anna = plainPerson(stage.chat, 'anna');
    const manager = plainPerson(stage.chat, 'mona', { scene: { mayManage: true } });
    await anna.command('settings', 'nothing --scope here --name who');
    await anna.run('settings', { scope: 'here', name: 'who', value: 'manager' });
    expect((await anna.texts()).at(-1)).toContain('Only those who manage');
    await manager.run('settings', { scope: 'here', name: 'who', value: 'manager' });
    await anna.ask('a knight');
    expect((await anna.texts()).at(-1)).toContain('Only some members');
    await manager.run('settings', { name: 'who', value: 'usual' });
    await manager.run('settings', { name: 'channels', value: 'here' });
    const elsewhere = plainPerson(stage.chat, 'bert', { scene: { channelId: 'stable' } });
    await elsewhere.ask('a knight');
    expect((await elsewhere.texts()).at(-1)).toContain('other channels');
    await manager.run('settings', { name: 'size', value: '63' });
    await manager.run('settings', { name: 'weight', value: '2' });
    expect((await manager.texts()).slice(-2)).toEqual([
      expect.stringContaining('from 64'),
      expect.stringContaining('Only those'),
    ]);
    await plainPerson(stage.chat, 'olga').run('settings', { name: 'weight', value: '2' });
    expect(stage.house().services.jobs.snapshot().communities).toMatchObject([{ weight: 2 }]);
    expect(await stage.messages()).toEqual([]);
  });

  it('of a person say the language and the balance of what comes', async () => {
    const stage = await plainStage();
    const anna = plainPerson(stage.chat, 'anna');
    await anna.run('settings', { name: 'language', value: 'zh' });
    await anna.run('settings', { scope: 'me', name: 'balance', value: '5' });
    expect(await anna.texts()).toEqual([expect.stringContaining('好了'), expect.stringContaining('好了')]);
    await anna.ask('a knight');
    await expect
      .poll(() => stage.messages(), patient)
      .toMatchObject([{ buttons: expect.arrayContaining(['再来一张']) }]);
    expect(stage.engine().requests).toMatchObject([{ balance: 5 }]);
  });
});

describe('rights', () => {
  it('a moderator deletes here and not elsewhere, and sees no details elsewhere', async () => {
    const stage = await plainStage();
    const anna = await stage.person('anna');
    await anna.ask('a knight');
    await expect.poll(() => stage.messages(), patient).toMatchObject([{ pictures: [{}] }]);
    const [{ id: jobId }] = await jobsOf(stage);
    const [result] = await stage.messages();
    const stranger = plainPerson(stage.chat, 'max', {
      scene: { communityId: 'town', mayManage: true, mayModerate: true },
    });
    for (const action of ['delete-yes', 'details', 'file', 'cancel'])
      await stranger.forge(result, `v1:${action}:${jobId}`);
    expect(await stranger.texts()).toEqual(Array.from({ length: 4 }, () => expect.stringContaining('Only the person')));
    await plainPerson(stage.chat, 'mia', { scene: { mayModerate: true } }).forge(result, `v1:delete-yes:${jobId}`);
    expect(await stage.messages()).toEqual([]);
    // Their message would have told them.
    await expect
      .poll(() => anna.heard(), patient)
      .toMatchObject([{ text: expect.stringContaining('removed a picture') }]);
    const { store } = stage.house().services;
    for (const table of ['jobs', 'pictures', 'deliveries', 'blobs', 'blobRefs'] as const) {
      expect([table, await store.db.selectFrom(table).selectAll().execute()]).toEqual([table, []]);
    }
  });

  it('everybody goes on from a picture where the community shares, and only there', async () => {
    const stage = await plainStage();
    await (await stage.person('anna')).ask('a knight');
    await expect.poll(() => stage.messages(), patient).toMatchObject([{ pictures: [{}] }]);
    await plainPerson(stage.chat, 'mona', { scene: { mayManage: true } }).run('settings', {
      name: 'others',
      value: 'everyone',
    });
    const [result] = await stage.messages();
    await (await stage.person('bert')).press(result, 'Again');
    await expect.poll(() => stage.messages(), patient).toMatchObject([{}, { text: expect.stringContaining('bert') }]);
    const stranger = plainPerson(stage.chat, 'max', { scene: { communityId: 'town' } });
    await stranger.press(result, 'Again');
    expect(await stranger.texts()).toEqual([expect.stringContaining('Only the person')]);
  });
});

describe('link', () => {
  it('makes one person of two accounts, by a code that is good once', async () => {
    const stage = await plainStage();
    const { store } = stage.house().services;
    const anna = plainPerson(stage.chat, 'anna');
    const other = plainPerson(stage.chat, 'anna-elsewhere', {
      actor: { platform: 'other' },
      scene: { platform: 'other' },
    });
    await anna.run('link');
    const code = (await anna.texts())[0]?.split('\n').at(-1) ?? '';
    expect(code).toMatch(/^[2-9A-Z]{8}$/);
    await anna.run('link', { code });
    await other.run('link', { code: 'WRONG234' });
    await other.run('link', { code: `${code.slice(0, 4)} ${code.slice(4).toLowerCase()}` });
    await plainPerson(stage.chat, 'eve').run('link', { code });
    expect((await anna.texts())[1]).toContain('this very account');
    expect(await other.texts()).toEqual([
      expect.stringContaining('wrong or too old'),
      expect.stringContaining('one person now'),
    ]);
    const identities = [
      { platform: 'plain', platformUserId: 'anna' },
      { platform: 'other', platformUserId: 'anna-elsewhere' },
    ];
    const [one, two] = await Promise.all(identities.map((identity) => personByIdentity(store.db, identity)));
    expect(one).toBe(two);
    expect(await personByIdentity(store.db, { platform: 'plain', platformUserId: 'eve' })).not.toBe(one);
  });
});

it('answers help, start and about, and stays silent to bots', async () => {
  const stage = await plainStage();
  const anna = plainPerson(stage.chat, 'anna');
  for (const name of ['help', 'start', 'about']) await anna.run(name);
  const [help, start, about] = await anna.texts();
  expect(help).toContain('/cow');
  expect(start).toContain('anna');
  expect(about?.split('\n')).toHaveLength(5);
  const bot = plainPerson(stage.chat, 'robot', { actor: { isBot: true } });
  await bot.run('help');
  expect(await bot.texts()).toEqual([]);
  expect(await stage.messages()).toEqual([]);
});

it('tells whoever hides behind the name of a group how to be heard', async () => {
  const stage = await plainStage();
  const anonymous = plainPerson(stage.chat, 'group', { actor: { isBot: true, isAnonymous: true, locale: 'de' } });
  await anonymous.run('settings');
  expect(await stage.messages()).toMatchObject([{ text: expect.stringContaining('Anonym bleiben') }]);
});

it('prints commands as the platform takes them', async () => {
  const stage = await plainStage();
  const anna = plainPerson(stage.chat, 'anna');
  const ada = plainPerson(stage.chat, 'ada', { actor: { platform: 'telegram' } });
  await anna.run('help');
  await ada.run('help');
  expect((await anna.texts()).join()).toContain('/forget-me');
  expect((await ada.texts()).join()).toContain('/forget_me');
});

it('proposes somebody’s own prompts', async () => {
  const stage = await plainStage();
  const anna = await stage.person('anna');
  await anna.ask('a knight');
  await anna.ask('a pirate');
  await (await stage.person('bert')).ask('a knight of bert');
  const act = { kind: 'suggest', requestId: 's', name: 'cow', argument: 'prompt', text: 'KNI' } as const;
  const scene = { platform: 'plain', communityId: 'farm', kind: 'community', channelId: 'barn' } as const;
  await stage.chat.act(act, plainPerson(stage.chat, 'anna').actor, {
    ...scene,
    mayManage: false,
    mayModerate: false,
    roleIds: [],
    maxUploadBytes: 1,
  });
  expect(stage.chat.suggested).toEqual([{ label: 'a knight', value: 'a knight' }]);
});
