import { Routes } from 'discord.js';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { Permission } from '../../fakes/discord/index.ts';
import { Direct, refusal } from './direct.ts';

const v2 = 1 << 15;
const text = (content: string): object => ({ type: 10, content });
const row = (...components: object[]): object => ({ type: 1, components });
const button = (id: string): object => ({ type: 2, style: 1, label: 'Again', custom_id: id });
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

test.for<[string, object, string]>([
  [
    'content and V2',
    { flags: v2, content: 'x', components: [text('y')] },
    'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
  ],
  [
    'embeds and V2',
    { flags: v2, embeds: [{ title: 'x' }], components: [text('y')] },
    'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
  ],
  ['V2 components without the flag', { components: [text('y')] }, 'BASE_TYPE_CHOICES'],
  ['2,001 characters', { content: 'x'.repeat(2001) }, 'BASE_TYPE_MAX_LENGTH'],
  [
    '41 components',
    {
      flags: v2,
      components: times(5, (r) => row(...times(5, (b) => button(`${r}${b}`)))).concat(times(11, () => text('x'))),
    },
    'COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED',
  ],
  [
    '4,001 characters of text',
    { flags: v2, components: [text('x'.repeat(2001)), text('x'.repeat(2000))] },
    'COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED',
  ],
  ['6 buttons in a row', { components: [row(...times(6, (b) => button(`${b}`)))] }, 'BASE_TYPE_MAX_LENGTH'],
  ['6 rows', { components: times(6, (r) => row(button(`${r}`))) }, 'BASE_TYPE_MAX_LENGTH'],
  ['the same custom id twice', { components: [row(button('a'), button('a'))] }, 'COMPONENT_CUSTOM_ID_DUPLICATED'],
  ['a custom id of 101 characters', { components: [row(button('x'.repeat(101)))] }, 'BASE_TYPE_MAX_LENGTH'],
  ['a button without custom id', { components: [row({ type: 2, style: 1, label: 'x' })] }, 'BASE_TYPE_REQUIRED'],
  [
    'a link button with custom id',
    { components: [row({ type: 2, style: 5, label: 'x', url: 'https://a.b', custom_id: 'x' })] },
    'BASE_TYPE_REQUIRED',
  ],
  ['an empty gallery', { flags: v2, components: [{ type: 12, items: [] }] }, 'BASE_TYPE_MIN_LENGTH'],
  [
    '11 pictures',
    { flags: v2, components: [{ type: 12, items: times(11, () => ({ media: { url: 'https://a.b/c.png' } })) }] },
    'BASE_TYPE_MAX_LENGTH',
  ],
  [
    'a picture that is not attached',
    { flags: v2, components: [{ type: 12, items: [{ media: { url: 'attachment://cow.png' } }] }] },
    'UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND',
  ],
  ['a text input in a message', { components: [row({ type: 4, custom_id: 'x', style: 1 })] }, 'UNION_TYPE_CHOICES'],
  [
    '26 options',
    { components: [row({ type: 3, custom_id: 's', options: times(26, (o) => ({ label: 'x', value: `${o}` })) })] },
    'BASE_TYPE_MAX_LENGTH',
  ],
  ['an attachment entry without its file', { content: 'x', attachments: [{ id: 0 }] }, 'ATTACHMENT_NOT_FOUND'],
  ['EPHEMERAL in a channel', { content: 'x', flags: 64 }, 'MESSAGE_FLAGS_INVALID'],
  ['enforce_nonce without a nonce', { content: 'x', enforce_nonce: true }, 'BASE_TYPE_REQUIRED'],
  ['a nonce of 26 characters', { content: 'x', nonce: 'x'.repeat(26) }, 'BASE_TYPE_MAX_LENGTH'],
  ['a reply to nothing', { content: 'x', message_reference: { message_id: '1' } }, 'REPLIES_UNKNOWN_MESSAGE'],
  [
    '6,001 characters of embeds',
    { embeds: [{ description: 'x'.repeat(4000) }, { description: 'x'.repeat(2001) }] },
    'MAX_EMBED_SIZE_EXCEEDED',
  ],
  ['an unknown kind of mention', { content: 'x', allowed_mentions: { parse: ['all'] } }, 'BASE_TYPE_CHOICES'],
])('a message with %s is refused', async ([, body, field]) => {
  await using direct = await Direct.open();
  expect(await refusal(direct.send(body))).toMatchObject({
    status: 400,
    code: 50_035,
    fields: expect.arrayContaining([field]),
  });
  expect(direct.discord.messages(direct.discord.lobby)).toEqual([]);
  expect(direct.discord.violations).toHaveLength(1);
});

test('an empty message is refused, in both systems of components', async () => {
  await using direct = await Direct.open();
  expect(await refusal(direct.send({}))).toMatchObject({ code: 50_006 });
  expect(await refusal(direct.send({ content: ' \n' }))).toMatchObject({ code: 50_006 });
  expect(await refusal(direct.send({ flags: v2, components: [] }))).toMatchObject({ code: 50_006 });
});

test('the V2 flag stays once set, and needs old content to be cleared', async () => {
  await using direct = await Direct.open();
  const asked = await direct.deferred();
  await direct.editReply(asked, { content: 'waiting' });
  expect(await refusal(direct.editReply(asked, { flags: v2, components: [text('x')] }))).toMatchObject({
    code: 50_035,
  });
  await direct.editReply(asked, { flags: v2, content: null, components: [text('x')] });
  expect(await refusal(direct.editReply(asked, { content: 'y' }))).toMatchObject({ code: 50_035 });
  await direct.editReply(asked, { components: [text('y')] });
  expect(await asked.answer()).toMatchObject({ v2: true, text: 'y' });
});

test('files arrive as they were sent, stay until left out, and have their size limit', async () => {
  await using direct = await Direct.open();
  const { discord } = direct;
  const asked = await direct.deferred();
  const data = await sharp({ create: { width: 30, height: 20, channels: 3, background: '#123456' } })
    .png()
    .toBuffer();
  await direct.editReply(asked, { content: 'a', attachments: [{ id: 0, description: 'alt' }] }, [
    { name: 'ä cow.png', data },
  ]);
  const message = await asked.answer();
  expect(message.attachments).toMatchObject([{ filename: '__cow.png', description: 'alt', width: 30, height: 20 }]);
  expect(Buffer.from(message.attachments[0]?.bytes ?? [])).toEqual(data);
  await direct.editReply(asked, { content: 'b' });
  expect(message.attachments).toHaveLength(1);
  const unlisted = direct.editReply(asked, { content: 'c', attachments: [] }, [{ name: 'b.png', data }]);
  expect(await refusal(unlisted)).toMatchObject({ fields: ['ATTACHMENT_NOT_LISTED'] });
  await direct.editReply(asked, { content: 'd', attachments: [] });
  expect(message.attachments).toEqual([]);
  const large = direct.editReply(asked, { content: 'e' }, [{ name: 'l.png', data: new Uint8Array(10 * 2 ** 20 + 1) }]);
  expect(await refusal(large)).toMatchObject({ status: 413, code: 40_005 });
  expect(discord.violations).toHaveLength(2);
});

test('the same nonce sends once', async () => {
  await using direct = await Direct.open();
  await direct.send({ content: 'x', nonce: '7', enforce_nonce: true });
  await direct.send({ content: 'x', nonce: '7', enforce_nonce: true });
  await direct.send({ content: 'x', nonce: '7' });
  expect(direct.discord.messages(direct.discord.lobby)).toHaveLength(2);
});

test('mentions ping unless allowed_mentions says otherwise, in text displays too', async () => {
  await using direct = await Direct.open();
  const { discord } = direct;
  const body = { flags: v2, components: [text('hello <@123> and @everyone')] };
  await direct.send(body);
  await direct.send({ ...body, allowed_mentions: { parse: [] } });
  await direct.send({ ...body, allowed_mentions: { users: ['123'] } });
  expect(discord.messages(discord.lobby).map((message) => message.pings)).toEqual([['123', 'everyone'], [], ['123']]);
});

test('permissions, absence and deletion each have their code', async () => {
  await using direct = await Direct.open();
  const { discord } = direct;
  const ada = discord.user('Ada');
  const hers = await ada.say('hello');
  expect(await refusal(direct.edit(hers, { content: 'x' }))).toMatchObject({ status: 403, code: 50_005 });
  expect(await refusal(direct.rest.delete(Routes.channelMessage(discord.lobby.id, hers.id)))).toMatchObject({
    code: 50_013,
  });
  ada.account.opensDms = false;
  expect(await refusal(direct.send({ content: 'x' }, ada.dm.id))).toMatchObject({ status: 403, code: 50_007 });
  discord.deny(discord.lobby, Permission.sendMessages);
  expect(await refusal(direct.send({ content: 'x' }))).toMatchObject({ status: 403, code: 50_013 });
  discord.deny(discord.lobby, Permission.viewChannel);
  expect(await refusal(direct.send({ content: 'x' }))).toMatchObject({ status: 403, code: 50_001 });
  discord.deleteChannel(discord.lobby);
  expect(await refusal(direct.send({ content: 'x' }))).toMatchObject({ status: 404, code: 10_003 });
  const guild = discord.guild('Elsewhere');
  const channel = discord.channel(guild);
  discord.kickBot(guild);
  expect(await refusal(direct.send({ content: 'x' }, channel.id))).toMatchObject({ status: 403, code: 50_001 });
  expect(discord.violations.map((one) => one.route)).toEqual(['PATCH /channels/:channel/messages/:message']);
});

test('what people wrote is hidden from a bot without the content intent', async () => {
  for (const messageContent of [false, true]) {
    await using direct = await Direct.open({ messageContent });
    await direct.discord.user('Ada').say('secret', [{ bytes: new Uint8Array([1]), name: 'a.bin' }]);
    const list = await direct.rest.get(Routes.channelMessages(direct.discord.lobby.id));
    expect(list).toMatchObject([
      { content: messageContent ? 'secret' : '', attachments: messageContent ? [{ filename: 'a.bin' }] : [] },
    ]);
  }
});

test('only the bot may use the API', async () => {
  await using direct = await Direct.open();
  direct.rest.setToken('someone.elses.token');
  expect(await refusal(direct.rest.get(Routes.user()))).toMatchObject({ status: 401, code: 0 });
});
