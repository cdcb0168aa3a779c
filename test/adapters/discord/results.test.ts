import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { reply } from '../../../commands/contract/reply.ts';
import type { Address } from '../../../src/jobs/adapter.ts';
import { encodePng } from '../../../src/photo/encode.ts';
import { readMarks } from '../../../src/photo/marks.ts';
import { acknowledged, delivered, doneWith, patient, placeholder, startBot } from './bot.ts';

const marks = { source: 'compositeWithTrainedAlgorithmicMedia' } as const;
const size = { width: 64, height: 64 };

/** Noise does not compress: as PNG it has about its pixels' bytes. */
const noise = await encodePng({ ...size, rgb: randomBytes(64 * 64 * 3) }, marks);

describe('a result', () => {
  it('takes the place of the progress, picture and buttons and all', async () => {
    const bot = await startBot();
    const { discord, adapter } = bot;
    const { address, interaction } = await acknowledged(bot);
    const message = await interaction.message();
    expect(message).toMatchObject({ text: 'Got it!', v2: true, loading: false, ephemeral: false });
    await adapter.showProgress(address, { state: 'queued', position: 2, waitMs: 9000 }, patient);
    expect(message.labels).toEqual(['Cancel', 'Why waiting?']);
    const running = { state: 'running', phase: 'cycles', done: 1, total: 2, remainingMs: 4000 } as const;
    await adapter.showProgress(address, running, patient);
    expect(message.labels).toEqual(['Cancel']);

    const result = await adapter.deliver(address, doneWith([delivered(noise, 0), delivered(noise, 1)]), patient);
    expect(result).toEqual({ kind: 'sent', receipt: { chat: message.channelId, message: message.id } });
    expect(message.pictures.map(({ bytes }) => Buffer.from(bytes).equals(noise))).toEqual([true, true]);
    expect(await sharp(message.pictures[0]?.bytes).metadata()).toMatchObject({ format: 'png', ...size });
    expect(message.altTexts).toEqual(['a cow (picture 1 of 2)', 'a cow (picture 2 of 2)']);
    expect(message.labels).toEqual([
      'Again',
      'Subtle',
      'Strong',
      'Remix',
      'Keep more',
      'Change more',
      'Move',
      'Details',
      'File',
      'Delete',
      'Report',
    ]);
    expect(message.text).toBe(`-# <@${interaction.user.id}> asked for:\n> a cow`);
    expect(message.pings).toEqual([]);
    expect(discord.violations).toEqual([]);
  });

  it('is hidden behind a spoiler where the community wants it', async () => {
    const bot = await startBot();
    const { address, interaction } = await acknowledged(bot);
    const part = { jobId: 'j1', language: 'de', askerId: '1', askerName: 'Ada', isSpoiler: true };
    await bot.adapter.deliver({ ...address, cowbot: part }, doneWith([delivered(noise)]), patient);
    const [gallery] = (await interaction.message()).components.filter(({ type }) => type === 12);
    expect(gallery).toMatchObject({ items: [{ spoiler: true, description: 'a cow' }] });
    expect((await interaction.message()).labels).toContain('Löschen');
  });

  it('comes as JPEG, with its marks, where the PNG is too big', async () => {
    const bot = await startBot();
    const channel = bot.discord.channel(bot.discord.guild('Small', { maxFileBytes: 6000 }));
    const { address, interaction } = await acknowledged(bot, channel);
    expect(await bot.adapter.deliver(address, doneWith([delivered(noise)]), patient)).toMatchObject({ kind: 'sent' });
    const [picture] = (await interaction.message()).pictures;
    expect(picture?.bytes.length).toBeLessThanOrEqual(6000);
    expect(picture?.filename).toBe('cow-1.jpg');
    expect(await sharp(picture?.bytes).metadata()).toMatchObject({ format: 'jpeg', ...size });
    expect(await readMarks(picture?.bytes ?? new Uint8Array())).toEqual(marks);
    expect(bot.discord.violations).toEqual([]);
  });

  it('comes after a restart and after the token has ended, once', async () => {
    const bot = await startBot();
    const { address, interaction } = await acknowledged(bot);
    const stored: Address = JSON.parse(JSON.stringify(address));
    expect(JSON.stringify(stored)).not.toContain(interaction.token);
    bot.clock.advance(30 * 60_000);
    const content = doneWith([delivered(noise)]);
    expect(await bot.restarted().deliver(stored, content, patient)).toMatchObject({ kind: 'sent' });
    expect(await bot.adapter.deliver(stored, content, patient)).toMatchObject({ kind: 'sent' });
    const there = bot.discord.messages(interaction.channel);
    expect(there.map(({ pictures }) => pictures.length)).toEqual([1]);
    expect(bot.discord.violations).toEqual([]);
  });

  it('comes when Discord ends the token before its time', async () => {
    const bot = await startBot({ adapter: { clock: () => 0 } });
    const { address } = await acknowledged(bot);
    bot.clock.advance(20 * 60_000);
    expect(await bot.adapter.deliver(address, doneWith([delivered(noise)]), patient)).toMatchObject({ kind: 'sent' });
  });
});

describe('where the bot is absent', () => {
  it('answers through the token, and says what to do when that has ended', async () => {
    const bot = await startBot();
    const { discord, adapter } = bot;
    const elsewhere = discord.channel(discord.guild('Elsewhere', { botInside: false }));
    const { address, interaction } = await acknowledged(bot, elsewhere);
    expect(await adapter.deliver(address, doneWith([delivered(noise)]), patient)).toMatchObject({ kind: 'sent' });
    expect((await interaction.message()).pictures).toHaveLength(1);
    bot.clock.advance(15 * 60_000);
    const late = await adapter.deliver(address, doneWith([]), patient);
    expect(late).toEqual({ kind: 'never', code: 'out-of-reach', reason: expect.stringContaining('/mine') });
    expect(discord.violations).toEqual([]);
  });

  it('refuses what would take longer', async () => {
    const bot = await startBot({ adapter: { expectedWaitMs: () => 3_600_000 } });
    const { discord } = bot;
    const ada = discord.user('Ada', { installed: true });
    const far = await bot.heardOf(await ada.slash('cow', { prompt: 'x' }, discord.groupDm(ada)));
    await expect(far.chat.acknowledge(placeholder)).rejects.toMatchObject({ code: 'discord.long-wait' });
    const near = await bot.heardOf(await ada.slash('cow', { prompt: 'x' }));
    expect(await near.chat.acknowledge(placeholder)).toMatchObject({ chat: discord.lobby.id });
  });
});

describe('what is said beside it', () => {
  it('becomes the placeholder, a file, or a message to one person', async () => {
    const bot = await startBot();
    const { discord } = bot;
    const { interaction, heard } = await acknowledged(bot);
    const line = (text: string) => [{ kind: 'plain', spans: [text] }] as const;
    await heard.chat.answer(reply({ kind: 'edit-placeholder', visibility: 'all', lines: line('Refused') }));
    await heard.chat.answer(reply({ kind: 'new', visibility: 'asker', lines: line('Psst') }));
    const file = { name: 'cow.png', mediaType: 'image/png', bytes: async () => noise };
    await heard.chat.answer(reply({ kind: 'new', visibility: 'asker', files: [file] }));
    expect((await interaction.message()).text).toBe('Refused');
    expect(await interaction.followup(0)).toMatchObject({ text: 'Psst', ephemeral: true });
    expect(Buffer.from((await interaction.followup(1)).attachments[0]?.bytes ?? [])).toEqual(noise);
    expect(discord.violations).toEqual([]);
  });

  it('waits for its turn where Discord asks for a pause', async () => {
    const bot = await startBot();
    const { interaction, heard } = await acknowledged(bot);
    const route = 'PATCH /webhooks/:application/:token/messages/:message';
    bot.discord.failNext(route, 1, { status: 429, retryAfterMs: 10 });
    await heard.chat.answer({ ...placeholder, kind: 'edit-placeholder', lines: [{ kind: 'plain', spans: ['Sorry'] }] });
    expect((await interaction.message()).text).toBe('Sorry');
  });

  it('sends files as the first answer after a deferral', async () => {
    const bot = await startBot();
    const asked = await bot.discord.user('Ada').slash('cow', { prompt: 'x' });
    const file = { name: 'cow.png', mediaType: 'image/png', bytes: async () => noise };
    const { chat } = await bot.heardOf(asked);
    await chat.answer(reply({ kind: 'new', visibility: 'asker', files: [file] }));
    expect(asked.acknowledgement?.type).toBe(5);
    const message = await asked.answer();
    expect(message.ephemeral).toBe(true);
    expect(Buffer.from(message.attachments[0]?.bytes ?? [])).toEqual(noise);
    expect(bot.discord.violations).toEqual([]);
  });

  it('still gets through when the token has ended: to all in the channel, to one in private', async () => {
    const bot = await startBot();
    const { discord } = bot;
    const { interaction, heard } = await acknowledged(bot);
    bot.clock.advance(16 * 60_000);
    const late = reply({ kind: 'new', visibility: 'all', lines: [{ kind: 'plain', spans: ['Late'] }] });
    discord.failNext('POST /channels/:channel/messages', 1, 'lose-answer');
    await heard.chat.answer(late);
    await heard.chat.answer({ ...late, visibility: 'asker' });
    expect(discord.messages(interaction.channel).map(({ text }) => text)).toEqual(['Got it!', 'Late']);
    const [sent] = discord.requestsOf('POST /channels/:channel/messages').slice(-1);
    expect(sent?.path).not.toContain(interaction.channel.id);
    expect(discord.requestsOf('POST /users/@me/channels')).toMatchObject([
      { body: { recipient_id: interaction.user.id } },
    ]);
  });

  it('finds its placeholder when the answer to it was lost', async () => {
    const bot = await startBot();
    const { discord } = bot;
    const channel = discord.channel(discord.guild());
    discord.failNext('POST /interactions/:id/:token/callback', 1, 'lose-answer');
    const { address, interaction } = await acknowledged(bot, channel);
    expect(address['message']).toBe((await interaction.message()).id);
    expect(discord.messages(channel)).toHaveLength(1);
  });

  it('is deleted, also twice, and also long after', async () => {
    const bot = await startBot();
    const { discord } = bot;
    const first = await acknowledged(bot);
    await first.heard.chat.deleteMessage(first.address);
    await first.heard.chat.deleteMessage(first.address);
    const second = await acknowledged(bot);
    bot.clock.advance(3600_000);
    await second.heard.chat.deleteMessage(second.address);
    expect(discord.messages(first.interaction.channel)).toEqual([]);
    expect(discord.messages(second.interaction.channel)).toEqual([]);
    expect(await bot.adapter.edit(first.address, placeholder, patient)).toMatchObject({ kind: 'never' });
  });
});
