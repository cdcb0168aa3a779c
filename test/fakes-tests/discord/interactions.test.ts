import { Routes } from 'discord.js';
import { expect, test } from 'vitest';
import { StillClock } from '../../fakes/wire/clock.ts';
import { Direct, refusal } from './direct.ts';

const v2 = 1 << 15;
const text = (content: string): object => ({ type: 10, content });
const row = (...components: object[]): object => ({ type: 1, components });
const button = (id: string, label = 'Again'): object => ({ type: 2, style: 1, label, custom_id: id });

test('an interaction is acknowledged once, within 3 seconds', async () => {
  const clock = new StillClock();
  await using direct = await Direct.open({ clock });
  const asked = await direct.asked();
  await direct.callback(asked, { type: 5 });
  expect(await refusal(direct.callback(asked, { type: 5 }))).toMatchObject({ status: 400, code: 40_060 });
  const late = await direct.asked();
  clock.advance(3001);
  expect(late.failed).toBe(true);
  expect(await refusal(direct.callback(late, { type: 5 }))).toMatchObject({ status: 404, code: 10_062 });
  expect(direct.discord.violations).toHaveLength(2);
});

test('a token serves 15 minutes, and only after the first answer', async () => {
  const clock = new StillClock();
  await using direct = await Direct.open({ clock });
  const asked = await direct.asked();
  expect(await refusal(direct.followUp(asked, { content: 'early' }))).toMatchObject({ status: 404, code: 10_015 });
  await direct.callback(asked, { type: 5 });
  clock.advance(15 * 60_000 - 2000);
  await direct.editReply(asked, { content: 'in time' });
  clock.advance(3000);
  expect(await refusal(direct.editReply(asked, { content: 'late' }))).toMatchObject({ status: 401, code: 50_027 });
});

test('after the token has ended the channel edit reaches the reply, but not an ephemeral one', async () => {
  await using direct = await Direct.open();
  const open = await (await direct.deferred()).message();
  await direct.edit(open, { content: 'done' });
  expect(open).toMatchObject({ text: 'done', loading: false });
  const asked = await direct.asked();
  await direct.callback(asked, { type: 5, data: { flags: 64 } });
  expect(await refusal(direct.edit(await asked.message(), { content: 'x' }))).toMatchObject({ code: 10_008 });
});

test('a deferred reply takes EPHEMERAL only; components V2 come with the edit', async () => {
  await using direct = await Direct.open();
  const asked = await direct.asked();
  expect(await refusal(direct.callback(asked, { type: 5, data: { flags: v2 } }))).toMatchObject({ code: 50_035 });
  await direct.callback(asked, { type: 5, data: { flags: 64 } });
  await direct.editReply(asked, { flags: v2, components: [text('hi')] });
  expect(await asked.answer()).toMatchObject({ v2: true, ephemeral: true, text: 'hi' });
});

test('callback types fit the interaction', async () => {
  await using direct = await Direct.open();
  const modal = {
    type: 9,
    data: {
      custom_id: 'm',
      title: 'M',
      components: [{ type: 18, label: 'P', component: { type: 4, custom_id: 'p', style: 1 } }],
    },
  };
  const asked = await direct.asked();
  for (const type of [6, 7, 8])
    expect(await refusal(direct.callback(asked, { type, data: {} }))).toMatchObject({ code: 50_035 });
  await direct.callback(asked, modal);
  const ada = direct.discord.user('Ada');
  const submitted = await ada.submitModal(asked, { P: 'text' });
  expect(await refusal(direct.callback(submitted, modal))).toMatchObject({ code: 50_035 });
  // The modal came from a command: there is no message to update.
  expect(await refusal(direct.callback(submitted, { type: 6 }))).toMatchObject({ code: 50_035 });
  await direct.callback(submitted, { type: 4, data: { content: 'thanks' } });
});

test('a button is answered by an update of its message or a new reply', async () => {
  await using direct = await Direct.open();
  const asked = await direct.deferred();
  await direct.editReply(asked, { content: 'pick', components: [row(button('v1:again:1'))] });
  const message = await asked.answer();
  const ada = direct.discord.user('Ada');
  const pressed = await ada.press(message, 'Again');
  await direct.callback(pressed, { type: 7, data: { content: 'picked', components: [] } });
  expect(message).toMatchObject({ text: 'picked', labels: [] });
  await expect(ada.press(message, 'Again')).rejects.toThrow('no button');
  const forged = await ada.forge(message, 'v0:unknown');
  await direct.callback(forged, { type: 5, data: { flags: 64 } });
  expect((await forged.message()).visibleTo(ada.account)).toBe(true);
  expect(direct.discord.messages(direct.discord.lobby, direct.discord.user('Bob'))).toEqual([message]);
});

test('where only the person installed the app there are 5 follow-ups and no channel', async () => {
  await using direct = await Direct.open();
  const { discord } = direct;
  const ada = discord.user('Ada', { installed: true });
  const asked = await ada.slash('cow', {}, discord.groupDm(ada));
  await direct.callback(asked, { type: 4, data: { content: 'wait' } });
  for (let index = 0; index < 5; index += 1) await direct.followUp(asked, { content: `${index}` });
  expect(await refusal(direct.followUp(asked, { content: '6' }))).toMatchObject({ code: 40_094 });
  expect(await refusal(direct.edit(await asked.message(), { content: 'x' }))).toMatchObject({
    status: 403,
    code: 50_001,
  });
  await expect(discord.user('Bob').slash('cow', {}, discord.groupDm(ada))).rejects.toThrow('offered no command');
});

test('a deleted reply is an unknown message', async () => {
  await using direct = await Direct.open();
  const asked = await direct.deferred();
  direct.discord.deleteMessage(await asked.message());
  expect(await refusal(direct.editReply(asked, { content: 'x' }))).toMatchObject({ status: 404, code: 10_008 });
  expect(direct.discord.violations).toEqual([]);
});

test('a modal is checked: fields, lengths, title', async () => {
  await using direct = await Direct.open();
  const asked = await direct.asked();
  const modal = (data: object): Promise<unknown> =>
    direct.callback(asked, { type: 9, data: { custom_id: 'm', title: 'M', components: [], ...data } });
  const field = (component: object): object => ({ type: 18, label: 'L', component });
  const input = { type: 4, custom_id: 'p', style: 2 };
  for (const data of [
    {},
    { components: [row(button('x'))] },
    { title: 'x'.repeat(46), components: [field(input)] },
    { components: Array.from({ length: 6 }, (_, index) => field({ ...input, custom_id: `${index}` })) },
    { components: [field(input), field(input)] },
    { components: [field({ ...input, value: 'x'.repeat(4001) })] },
    { components: [field({ ...input, max_length: 3, value: 'four' })] },
    { components: [field({ type: 19, custom_id: 'f', min_values: 0 })] },
    { components: [field({ type: 19, custom_id: 'f', max_values: 11 })] },
    { components: [{ type: 18, label: 'x'.repeat(46), component: input }] },
  ])
    expect({ data, ...(await refusal(modal(data))) }).toMatchObject({ code: 50_035 });
  await modal({ components: [field(input), field({ type: 19, custom_id: 'f', required: false })] });
});

test('an answer that is lost was given all the same', async () => {
  await using direct = await Direct.open();
  const asked = await direct.deferred();
  direct.discord.failNext('PATCH /webhooks/:application/:token/messages/:message', 2, 'lose-answer');
  await expect(direct.editReply(asked, { content: 'done' })).rejects.toThrow('other side closed');
  expect((await asked.answer()).text).toBe('done');
  direct.discord.failNext('*', 2, 'hang-up');
  await expect(direct.rest.get(Routes.user())).rejects.toThrow('other side closed');
});
