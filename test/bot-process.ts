/** The whole bot as an operator starts it, with calf. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { PermissionFlagsBits } from 'discord.js';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './contracts/place.ts';
import { FakeDiscord } from './fakes/discord/index.ts';
import { FakeTelegram, type Person as TelegramPerson } from './fakes/telegram/index.ts';

export class Bot {
  log = '';
  readonly #dataDir: string;
  readonly #env: Readonly<Record<string, string>>;
  #process: ChildProcess | undefined;

  constructor(dataDir: string, env: Readonly<Record<string, string>>) {
    this.#dataDir = dataDir;
    this.#env = env;
  }

  async start(): Promise<void> {
    const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url));
    const child = spawn(process.execPath, [cli, 'start'], {
      env: {
        PATH: process.env['PATH'],
        COWBOT_DATA: this.#dataDir,
        COWBOT_PORT: '0',
        COWBOT_DEVICE: 'cpu',
        ...this.#env,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process = child;
    for await (const line of createInterface({ input: child.stderr })) {
      this.log += `${line}\n`;
      if (line.includes('The bot is up.')) break;
    }
    child.stderr.on('data', (text: Buffer) => {
      this.log += text.toString();
    });
    if (child.exitCode !== null) throw new Error(`The bot ended before it was up:\n${this.log}`);
  }

  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
}

/**
 * Calf paints blotches, and now and then the check of pictures takes some for what a moderator has to see: who needs every
 * picture does without. The bot has to run with COWBOT_ALLOW_UNCHECKED=yes.
 * @param bea in whose private chat there are no checks from now on; on Discord it is the channel where people meet.
 */
export async function switchChecksOff(
  discord: FakeDiscord,
  telegram: FakeTelegram,
  bea: TelegramPerson,
): Promise<void> {
  const { lobby } = discord;
  const olga = discord.user('Olga');
  lobby.guild?.permissions.set(olga.id, PermissionFlagsBits.ManageGuild);
  if (lobby.guild !== undefined) discord.role(lobby.guild, 'Keepers', PermissionFlagsBits.ManageGuild, olga);
  const set = await olga.slash('settings', { name: 'strictness', value: 'off' });
  const { text } = await set.answer();
  bea.say('/settings off --name strictness');
  const { text: other } = await telegram.answer(bea.chat);
  for (const said of [text, other]) if (!said.includes('off')) throw new Error(`The checks are still on: ${said}`);
}

/** A bot on both platforms, whose communities may switch the checks off; all of it ends with the test. */
export async function startOnBoth(): Promise<{
  readonly discord: FakeDiscord;
  readonly telegram: FakeTelegram;
  readonly bot: Bot;
}> {
  const discord = await FakeDiscord.open();
  const telegram = await FakeTelegram.open();
  onTestFinished(async () => void (await Promise.all([discord.close(), telegram.close()])));
  const bot = new Bot(await temporaryFolder(), {
    DISCORD_TOKEN: discord.token,
    DISCORD_API_URL: discord.apiUrl,
    DISCORD_CDN_ORIGINS: discord.cdn.origin,
    TELEGRAM_TOKEN: telegram.token,
    TELEGRAM_API_URL: telegram.apiUrl,
    COWBOT_ALLOW_UNCHECKED: 'yes',
  });
  onTestFinished(() => bot.kill());
  await bot.start();
  return { discord, telegram, bot };
}
