import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../../src/jobs/adapter.ts';
import { type Guild, type Interaction, type Message, Permission } from '../../fakes/discord/index.ts';
import { acknowledged, type Bot, delivered, doneWith, patient, placeholder, startBot } from './bot.ts';

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const edit = 'PATCH /channels/:channel/messages/:message';
const content = doneWith([delivered(png)]);

/** Noise does not compress: it takes several packets. */
function noisyPng(side: number): Promise<Buffer> {
  return sharp(randomBytes(side * side * 3), { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer();
}

/** A placeholder that only the bot's own token reaches. */
async function old(bot: Bot): Promise<Old> {
  const { address, interaction } = await acknowledged(bot);
  bot.clock.advance(16 * 60_000);
  return { address, interaction, message: await interaction.message() };
}

interface Old {
  readonly address: Address;
  readonly interaction: Interaction;
  readonly message: Message;
}

function kicked(bot: Bot, guild: Guild | undefined): void {
  if (guild !== undefined) bot.discord.kickBot(guild);
}

describe('a result that cannot be delivered now', () => {
  it.each([
    ['too many requests', { status: 429, retryAfterMs: 3000 }, 1, { retryAfterMs: 3000 }],
    [
      'too many requests of the whole bot',
      { status: 429, retryAfterMs: 2000, global: true },
      1,
      { retryAfterMs: 2000 },
    ],
    ['a failing server', { status: 502 }, 2, {}],
    ['a cut connection', 'hang-up', 2, {}],
    ['a token that is not accepted', { status: 401 }, 1, {}],
  ] as const)('waits after %s, and comes then', async (_what, fault, times, expected) => {
    const bot = await startBot();
    const { address, interaction } = await old(bot);
    bot.discord.failNext(edit, times, fault);
    expect(await bot.adapter.deliver(address, content, patient)).toMatchObject({ kind: 'later', ...expected });
    const again = async () => (await bot.adapter.deliver(address, content, patient)).kind;
    // The client itself holds back everything after a limit of the whole bot.
    await expect.poll(again, { timeout: 20_000 }).toBe('sent');
    expect((await interaction.message()).pictures).toHaveLength(1);
    expect(bot.discord.violations).toEqual([]);
  });

  it('can be given up while its picture goes out, and comes whole the next time', async () => {
    const bot = await startBot();
    const { address, interaction } = await old(bot);
    const large = doneWith([delivered(await noisyPng(512))]);
    for (let round = 0; round < 40; round += 1) {
      const signal = AbortSignal.timeout(1 + (round % 20));
      await bot.adapter.deliver(address, large, { signal }).catch(() => undefined);
    }
    expect(await bot.adapter.deliver(address, large, patient)).toMatchObject({ kind: 'sent' });
    expect((await interaction.message()).pictures).toHaveLength(1);
    expect(bot.discord.violations).toEqual([]);
  });

  it('gets through where a server fails once or loses its answer', async () => {
    const bot = await startBot();
    const { address, interaction } = await old(bot);
    for (const fault of [{ status: 503 }, 'hang-up', 'lose-answer'] as const) {
      bot.discord.failNext(edit, 1, fault);
      expect(await bot.adapter.deliver(address, content, patient)).toMatchObject({ kind: 'sent' });
    }
    expect(bot.discord.messages(interaction.channel)).toHaveLength(1);
  });
});

describe('a result that can never be delivered', () => {
  it.each<[string, (bot: Bot, one: Old) => void]>([
    ['message was deleted', (bot, { message }) => bot.discord.deleteMessage(message)],
    ['channel is no longer there', (bot, { interaction }) => bot.discord.deleteChannel(interaction.channel)],
    ['no longer see the channel', (bot, { interaction }) => kicked(bot, interaction.channel.guild)],
    [
      'no longer see the channel',
      (bot, { interaction }) => bot.discord.deny(interaction.channel, Permission.viewChannel),
    ],
    ['may not attach files', (bot, { interaction }) => bot.discord.deny(interaction.channel, Permission.attachFiles)],
    ['do not let me write', (bot) => bot.discord.failNext(edit, 1, { status: 403, code: 50_007 })],
    ['Discord refused: 50035', (bot) => bot.discord.failNext(edit, 1, { status: 400, code: 50_035 })],
  ])('says so: %s', async (reason, happen) => {
    const bot = await startBot();
    const one = await old(bot);
    happen(bot, one);
    expect(await bot.adapter.deliver(one.address, content, patient)).toMatchObject({
      kind: 'never',
      reason: expect.stringContaining(reason),
    });
    expect(bot.discord.violations).toEqual([]);
  });

  it('is a fault where the address is of another making', async () => {
    const bot = await startBot();
    await expect(bot.adapter.deliver({ chat: '1' }, content, patient)).rejects.toThrow('one without message');
  });
});

describe('secrets', () => {
  it('are in no error and in no line of the log', async () => {
    const prompt = 'a very secret garden';
    const bot = await startBot({
      onAct: async (_act, _actor, _scene, chat) => {
        await chat.acknowledge(placeholder);
        await chat.answer({ ...placeholder, lines: [{ kind: 'quote', spans: [prompt] }] });
      },
    });
    const { discord } = bot;
    discord.failNext('POST /webhooks/:application/:token', 1, { status: 400, code: 50_035, message: 'Invalid' });
    const asked = await discord.user('Ada').slash('cow', { prompt });
    await discord.until(() => bot.logged.some((line) => line.includes('An act failed')), 'the failure in the log');
    const lines = bot.logged.join('\n');
    expect(lines).toContain('50035 Invalid');
    for (const secret of [asked.token, discord.token, prompt]) expect(lines).not.toContain(secret);

    const heard = await bot.heardOf(asked);
    discord.failNext('POST /webhooks/:application/:token', 1, { status: 400, code: 50_035, message: 'Invalid' });
    const error: unknown = await heard.chat.answer(placeholder).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'RemoteError', status: 400 });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(asked.token);
    expect(error instanceof Error && error.cause).toBeUndefined();
  });

  it('that Discord does not accept are named with what to do', async () => {
    const bot = await startBot();
    const wrong = bot.restarted({ token: 'wrong' });
    await expect(wrong.start(async () => {})).rejects.toMatchObject({ name: 'Refusal', code: 'discord.token' });
    await wrong.close();
  });
});

describe('the connection', () => {
  it('comes back by itself, and brings what happened in between', async () => {
    const bot = await startBot();
    expect(bot.adapter.connection).toEqual({ kind: 'up' });
    bot.discord.dropGateway();
    const asked = await bot.discord.user('Ada').slash('cow', { prompt: 'x' });
    const { chat } = await bot.heardOf(asked);
    await chat.acknowledge(placeholder);
    expect((await asked.message()).text).toBe('Got it!');
    await bot.adapter.close();
    expect(bot.adapter.connection).toEqual({ kind: 'down' });
  });

  it('that Discord ends for good is said in the log, and to whoever watches', async () => {
    const bot = await startBot();
    bot.discord.dropGateway('refuse');
    await bot.discord.until(() => bot.adapter.connection.kind === 'lost', 'the end');
    const sentence = expect.stringContaining('start cowbot again');
    expect(bot.adapter.connection).toEqual({ kind: 'lost', sentence });
    expect(bot.logged.join('')).toContain('ended the connection for good');
  });
});

describe('a stop', () => {
  it('lets what is under way end', async () => {
    const answering = Promise.withResolvers<void>();
    const bot = await startBot({
      onAct: async (_act, _actor, _scene, chat) => {
        await chat.acknowledge(placeholder);
        await answering.promise;
        await chat.answer({ ...placeholder, kind: 'edit-placeholder', lines: [{ kind: 'plain', spans: ['done'] }] });
      },
    });
    const asked = await bot.discord.user('Ada').slash('cow', { prompt: 'x' });
    await asked.message();
    const closed = bot.adapter.close();
    answering.resolve();
    await closed;
    expect((await asked.message()).text).toBe('done');
  });

  it('ends calls that take longer than it may wait', async () => {
    const ended: unknown[] = [];
    const bot = await startBot({
      adapter: { drainMs: 20 },
      onAct: async (_act, _actor, _scene, chat) => {
        await chat.acknowledge(placeholder).catch((error: unknown) => ended.push(error));
      },
    });
    bot.wire.stall('/callback', 'stuck');
    await bot.heardOf(await bot.discord.user('Ada').slash('cow', { prompt: 'x' }));
    await bot.adapter.close();
    expect(ended).toMatchObject([{ message: 'The Discord adapter was closed.' }]);
  });
});
