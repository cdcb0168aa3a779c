import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { noRights } from '../../../commands/contract/chat.ts';
import { reply } from '../../../commands/contract/reply.ts';
import { Permission } from '../../fakes/discord/index.ts';
import { patient, placeholder, startBot } from './bot.ts';

const photo = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#3366cc' } })
  .png()
  .toBuffer();

const toAsker = reply({ kind: 'new', visibility: 'asker', lines: [{ kind: 'plain', spans: ['Only for you'] }] });

const withButtons = reply({
  kind: 'new',
  visibility: 'all',
  lines: [{ kind: 'plain', spans: ['a cow'] }],
  rows: [
    [
      { label: 'Again', pressId: 'v1:again:j1', style: 'primary' },
      { label: 'Move', pressId: 'v1:move:j1:0', style: 'secondary' },
    ],
  ],
});

describe('commands', () => {
  it('arrive with their arguments, photos, person and place', async () => {
    const bot = await startBot();
    const { discord } = bot;
    const ada = discord.user('Ada', { locale: 'de' });
    const asked = await ada.slash('cow', {
      prompt: 'a knight',
      photo: { bytes: photo, name: 'me.png' },
      'photo-2': photo,
      count: 2,
      keep: 'face',
    });
    const { act, actor, scene } = await bot.heardOf(asked);
    expect(act).toMatchObject({
      kind: 'command',
      requestId: asked.id,
      name: 'cow',
      args: { prompt: 'a knight', count: 2, keep: 'face' },
      photos: [{ isLossless: true }, { isLossless: true }],
    });
    expect(actor).toEqual({ platform: 'discord', userId: ada.id, displayName: 'Ada', locale: 'de', isBot: false });
    expect(scene).toEqual({
      platform: 'discord',
      communityId: discord.lobby.guild?.id,
      kind: 'community',
      channelId: discord.lobby.id,
      locale: 'en-US',
      mayManage: false,
      mayModerate: false,
      roleIds: [],
      isBooster: false,
      maxUploadBytes: 10 * 2 ** 20,
    });
    expect(discord.violations).toEqual([]);
  });

  it('bring photos that can be read, at once and by their reference', async () => {
    const bot = await startBot();
    const asked = await bot.discord.user('Ada').slash('cow', { prompt: 'x', photo });
    const { act, chat } = await bot.heardOf(asked);
    const [handle] = act.kind === 'command' ? act.photos : [];
    expect(Buffer.from((await handle?.read(patient.signal)) ?? [])).toEqual(photo);
    const again = chat.reopenPhoto(handle?.reference ?? {});
    expect(Buffer.from((await again?.read(patient.signal)) ?? [])).toEqual(photo);
    expect(chat.reopenPhoto({ fileId: 'from elsewhere' })).toBeUndefined();
  });

  it('say what the member may by their roles, whatever one channel adds', async () => {
    const bot = await startBot();
    const { discord } = bot;
    const [ada, bob, chief] = [discord.user('Ada'), discord.user('Bob'), discord.user('Chief')];
    const guild = discord.lobby.guild ?? discord.guild();
    discord.role(guild, 'Guards', Permission.manageGuild | Permission.manageMessages, ada);
    discord.role(guild, 'Chiefs', Permission.administrator, chief);
    // What an interaction says of a member includes the overwrites of its channel.
    guild.permissions.set(bob.id, Permission.manageGuild | Permission.manageMessages);
    const sceneOf = async (one: typeof ada) => (await bot.heardOf(await one.slash('cow', { prompt: 'x' }))).scene;
    for (const one of [ada, chief]) expect(await sceneOf(one)).toMatchObject({ mayManage: true, mayModerate: true });
    expect(await sceneOf(bob)).toMatchObject({ mayManage: false, mayModerate: false });
  });

  it('say which roles the member has here, and what they may elsewhere', async () => {
    const bot = await startBot();
    const { discord } = bot;
    const ada = discord.user('Ada');
    const [here, there] = [discord.lobby.guild ?? discord.guild(), discord.guild('There')];
    const helpers = discord.role(here, 'Helpers', 0n, ada);
    here.boosters.add(ada.id);
    const guards = discord.role(there, 'Guards', Permission.manageMessages, ada);
    discord.role(there, 'Chiefs', Permission.administrator, discord.user('Bob'));
    const { scene, chat } = await bot.heardOf(await ada.slash('cow', { prompt: 'x' }));
    expect(scene).toMatchObject({ roleIds: [helpers.id], isBooster: true });
    expect(await chat.rightsIn(here.id)).toEqual({ mayManage: false, mayModerate: false, roleIds: [helpers.id] });
    const inThere = { mayManage: false, mayModerate: true, roleIds: [guards.id] };
    await expect.poll(() => chat.rightsIn(there.id)).toEqual(inThere);
    expect(await chat.rightsIn(ada.id)).toMatchObject({ mayManage: true });
    discord.failNext('GET /guilds/:guild/members/:user', 1, { status: 404, code: 10_007 });
    for (const other of [there.id, discord.guild('Elsewhere', { botInside: false }).id, '-100']) {
      expect(await chat.rightsIn(other)).toEqual(noRights);
    }
  });

  it('may everything in a guild of their own and as administrators', async () => {
    const bot = await startBot();
    const { discord } = bot;
    const [ada, bob] = [discord.user('Ada'), discord.user('Bob')];
    const [led, owned] = [discord.guild('Led'), discord.guild('Owned', { owner: ada })];
    discord.role(led, 'Chiefs', Permission.administrator, ada);
    const hers = await bot.heardOf(await ada.slash('cow', { prompt: 'x' }));
    const his = await bot.heardOf(await bob.slash('cow', { prompt: 'x' }));
    for (const { id } of [led, owned]) {
      await expect.poll(() => hers.chat.rightsIn(id)).toMatchObject({ mayManage: true, mayModerate: true });
      expect(await his.chat.rightsIn(id)).toEqual(noRights);
    }
  });

  it('belong to the person where the bot is not at home', async () => {
    const bot = await startBot();
    const { discord } = bot;
    const ada = discord.user('Ada', { installed: true });
    const elsewhere = discord.channel(discord.guild('Elsewhere', { botInside: false }));
    for (const channel of [ada.dm, discord.groupDm(ada), elsewhere]) {
      const { scene } = await bot.heardOf(await ada.slash('cow', { prompt: 'x' }, channel));
      expect(scene).toMatchObject({ kind: 'private', communityId: ada.id, channelId: channel.id });
    }
  });

  it('in the menu of a message bring its pictures and no other files', async () => {
    const bot = await startBot();
    const ada = bot.discord.user('Ada');
    const posted = await ada.say('me at sea', [
      { bytes: photo, name: 'notes.pdf', contentType: 'application/pdf' },
      { bytes: photo, name: 'sea.png' },
    ]);
    const asked = await bot.discord.user('Bob').onMessage('COW this photo', posted);
    const { act, chat } = await bot.heardOf(asked);
    expect(act).toMatchObject({ kind: 'command', name: 'cow-this-photo', args: {}, photos: [{ isLossless: true }] });
    await chat.answer(toAsker);
    expect(await asked.answer()).toMatchObject({ ephemeral: true, text: 'Only for you' });
    expect(bot.discord.violations).toEqual([]);
  });
});

it('a menu on a message of the bot says what its buttons are about', async () => {
  const bot = await startBot({ onAct: (_act, _actor, _scene, chat) => chat.answer(withButtons) });
  const ada = bot.discord.user('Ada');
  const result = await (await ada.slash('cow', { prompt: 'x' })).answer();
  const { act } = await bot.heardOf(await bot.discord.user('Bob').onMessage('COW this photo', result));
  expect(act).toMatchObject({ kind: 'command', pointedAt: 'j1' });
  expect(act).not.toHaveProperty('personPointedAt');
  const said = await ada.say('v1:details:j1');
  const other = await bot.heardOf(await ada.onMessage('COW this photo', said));
  expect(other.act).toMatchObject({ personPointedAt: ada.id });
  expect(other.act).not.toHaveProperty('pointedAt');
});

describe('proposals', () => {
  it('are asked for and shown, at most 25 of at most 100 characters', async () => {
    const bot = await startBot({
      onAct: (act, _actor, _scene, chat) =>
        act.kind === 'suggest'
          ? chat.suggest(Array.from({ length: 30 }, (_, i) => ({ label: `${act.text}${i}`, value: 'x'.repeat(200) })))
          : Promise.resolve(),
    });
    const typed = await bot.discord.user('Ada').suggest('cow', { prompt: 'kni' });
    const choices = await typed.choices();
    expect(choices).toHaveLength(25);
    expect(choices[0]).toEqual({ name: 'kni0', value: 'x'.repeat(100) });
    expect(bot.heard[0]?.act).toMatchObject({ kind: 'suggest', name: 'cow', argument: 'prompt', text: 'kni' });
    expect(bot.discord.violations).toEqual([]);
  });
});

it('proposals that cannot be made are none, not a message', async () => {
  const bot = await startBot({ onAct: (_act, _actor, _scene, chat) => chat.answer(toAsker) });
  const typed = await bot.discord.user('Ada').suggest('cow', { prompt: 'kni' });
  expect(await typed.choices()).toEqual([]);
  expect(bot.discord.violations).toEqual([]);
});

describe('buttons and forms', () => {
  const again = { label: 'Again', pressId: 'v1:again:j1', style: 'secondary' } as const;
  const remix = { label: 'Remix', pressId: 'v1:remix:j1:0', style: 'primary' } as const;

  it('arrive as they were named, open a form, and bring back its words and its photo', async () => {
    const bot = await startBot();
    const { discord } = bot;
    const ada = discord.user('Ada');
    const asked = await ada.slash('cow', { prompt: 'x' });
    await (await bot.heardOf(asked)).chat.answer({ ...placeholder, rows: [[again, remix]] });
    const message = await asked.answer();
    expect(message.labels).toEqual(['Again', 'Remix']);

    const pressed = await ada.press(message, 'Remix');
    const { act, chat } = await bot.heardOf(pressed);
    expect(act).toEqual({
      kind: 'press',
      requestId: pressed.id,
      press: { action: 'remix', id: 'j1', extra: '0' },
    });
    await chat.answer(
      reply({
        kind: 'new',
        visibility: 'asker',
        form: {
          form: 'remix',
          id: 'j1',
          title: 'R'.repeat(60),
          fields: [
            {
              name: 'prompt',
              kind: 'paragraph',
              label: 'Prompt',
              value: 'y'.repeat(1500),
              isRequired: true,
              maxLength: 1000,
            },
            { name: 'seed', kind: 'line', label: 'L'.repeat(60), isRequired: false },
            { name: 'photo', kind: 'photo', label: 'Another photo', isRequired: false },
          ],
        },
      }),
    );
    const filled = await ada.submitModal(pressed, { prompt: 'a queen', photo: [{ bytes: photo, name: 'you.png' }] });
    const sent = await bot.heardOf(filled);
    expect(sent.act).toMatchObject({
      kind: 'form',
      requestId: filled.id,
      form: 'remix',
      id: 'j1',
      fields: { prompt: 'a queen', seed: '' },
    });
    const [swapped] = sent.act.kind === 'form' ? sent.act.photos : [];
    expect(Buffer.from((await swapped?.read(patient.signal)) ?? [])).toEqual(photo);
    const address = await sent.chat.acknowledge(placeholder);
    expect(await filled.answer()).toMatchObject({ id: address['message'], ephemeral: false, text: 'Got it!' });
    expect(discord.violations).toEqual([]);
  });

  it('change the pressed message, or say something beside it', async () => {
    const bot = await startBot();
    const { discord } = bot;
    const ada = discord.user('Ada');
    const asked = await ada.slash('cow', { prompt: 'x' });
    await (await bot.heardOf(asked)).chat.answer({ ...toAsker, rows: [[again]] });
    const message = await asked.answer();
    const pressed = await ada.press(message, 'Again');
    const { chat } = await bot.heardOf(pressed);
    await chat.answer({ ...toAsker, kind: 'edit-pressed', lines: [{ kind: 'plain', spans: ['Changed'] }] });
    await chat.answer({ ...toAsker, kind: 'toast', rows: [[again]] });
    expect(message).toMatchObject({ text: 'Changed', labels: [], ephemeral: true });
    expect(await pressed.followup()).toMatchObject({ text: 'Only for you', labels: [], ephemeral: true });

    const pressedTwice = await ada.forge(message, 'v1:again:j1');
    const second = await bot.heardOf(pressedTwice);
    const files = [{ name: 'cow.png', mediaType: 'image/png', bytes: async () => photo }];
    await second.chat.answer({ ...toAsker, kind: 'edit-pressed', files, lines: [] });
    expect(message.attachments.map(({ filename }) => filename)).toEqual(['cow.png']);
    expect(discord.violations).toEqual([]);
  });

  it('that nobody made do nothing but ask what they mean', async () => {
    const polite = reply({ kind: 'toast', visibility: 'asker', lines: [{ kind: 'plain', spans: ['Which?'] }] });
    const bot = await startBot({
      onAct: (act, _actor, _scene, chat) => (act.kind === 'press' ? chat.answer(polite) : Promise.resolve()),
    });
    const { discord } = bot;
    const ada = discord.user('Ada');
    const asked = await ada.slash('cow', { prompt: 'x' });
    await (await bot.heardOf(asked)).chat.acknowledge(placeholder);
    const message = await asked.answer();
    const forged = Array.from(
      { length: 300 },
      (_, i) =>
        [
          `v${i}:again:j1`,
          `v1:${'x'.repeat(i)}`,
          `v1:again:${'j'.repeat(80)}`,
          `${i};drop table`,
          `v1:Again:j${i}`,
          `\u202ev1:again:${i}`,
        ][i % 6],
    ).map((id) => id?.slice(0, 100) ?? '');
    // In small numbers at once: each has 3 s of real time, however busy the machine is.
    while (forged.length > 0) {
      const some = forged.splice(0, 20);
      const presses = some.map(async (id) => (await ada.forge(message, id === '' ? '-' : id)).answer());
      expect(new Set((await Promise.all(presses)).map(({ text }) => text))).toEqual(new Set(['Which?']));
    }
    const presses = bot.heard.flatMap(({ act }) => (act.kind === 'press' ? [act.press] : []));
    expect(presses).toHaveLength(300);
    expect(presses.every(({ action }) => action === 'unknown')).toBe(true);
    const select = await ada.forge(message, 'v1:delete:j1', { component_type: 3, id: 1, values: ['j1'] });
    expect((await bot.heardOf(select)).act).toMatchObject({ press: { action: 'unknown' } });
    expect(discord.violations).toEqual([]);
  });
});

describe('lists in a form', () => {
  it('show what is chosen, and come back as mentions', async () => {
    const bot = await startBot();
    const { discord } = bot;
    const [ada, bob] = [discord.user('Ada'), discord.user('Bob')];
    const guild = discord.lobby.guild ?? discord.guild();
    const [guards, helpers] = [discord.role(guild, 'Guards', 0n, ada), discord.role(guild, 'Helpers', 0n, ada)];
    const asked = await ada.slash('help');
    const list = { isRequired: false } as const;
    const chosen = [{ kind: 'role', id: guards.id } as const, { kind: 'person', id: bob.id } as const];
    const form = {
      form: 'set',
      id: 'c1',
      extra: 'words',
      title: 'Who and where',
      fields: [
        { ...list, name: 'who', kind: 'mentions', label: 'Who?', chosen },
        { ...list, name: 'where', kind: 'channels', label: 'Where?', maxChosen: 1 },
      ],
    } as const;
    const { chat } = await bot.heardOf(asked);
    await chat.answer(reply({ kind: 'new', visibility: 'asker', form }));
    const shown = await asked.modal();
    expect(JSON.stringify(shown.components)).toContain(`{"id":"${guards.id}","type":"role"}`);
    const sent = await ada.submitModal(asked, { 'Who?': [helpers.id, bob.id], 'Where?': [discord.lobby.id] });
    expect((await bot.heardOf(sent)).act).toMatchObject({
      kind: 'form',
      form: 'set',
      id: 'c1',
      extra: 'words',
      fields: { who: `<@&${helpers.id}> <@${bob.id}>`, where: `<#${discord.lobby.id}>` },
    });
    expect(discord.violations).toEqual([]);
  });
});

describe('the last photo', () => {
  it('is found where the bot can see it, no older than a quarter of an hour', async () => {
    const bot = await startBot();
    const { discord } = bot;
    const ada = discord.user('Ada');
    const find = async () => {
      const { chat } = await bot.heardOf(await ada.slash('cow', { prompt: 'x' }, ada.dm));
      return chat.findRecentPhoto(patient.signal);
    };
    expect(await find()).toBeUndefined();
    await ada.say('', [{ bytes: photo, name: 'me.png' }], ada.dm);
    await ada.say('', [{ bytes: photo, name: 'notes.txt', contentType: 'text/plain' }], ada.dm);
    expect(Buffer.from((await (await find())?.read(patient.signal)) ?? [])).toEqual(photo);
    bot.clock.advance(15 * 60_000 + 1000);
    expect(await find()).toBeUndefined();
    expect(discord.violations).toEqual([]);
  });

  it("is nobody else's, and nothing that the bot may not see", async () => {
    const bot = await startBot();
    const { discord } = bot;
    const [ada, bob] = [discord.user('Ada', { installed: true }), discord.user('Bob')];
    await bob.say(`<@${discord.botAccount.id}>`, [{ bytes: photo, name: 'bob.png' }]);
    await ada.say('', [{ bytes: photo, name: 'ada.png' }]);
    const find = async (channel = discord.lobby) => {
      const { chat } = await bot.heardOf(await ada.slash('cow', { prompt: 'x' }, channel));
      return chat.findRecentPhoto(patient.signal);
    };
    // Without the privileged intent the bot sees photos in a guild only where it is mentioned.
    expect(await find()).toBeUndefined();
    await ada.say(`<@${discord.botAccount.id}>`, [{ bytes: photo, name: 'ada.png' }]);
    expect(await find()).toBeDefined();
    discord.deny(discord.lobby, Permission.readMessageHistory);
    expect(await find()).toBeUndefined();
    expect(await find(discord.groupDm(ada))).toBeUndefined();
    expect(discord.violations).toEqual([]);
  });
});
