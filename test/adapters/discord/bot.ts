import { onTestFinished } from 'vitest';
import { DiscordAdapter, type DiscordOptions } from '../../../adapters/discord/index.ts';
import type { Act, Actor, Scene } from '../../../commands/contract/act.ts';
import type { Chat, HandleAct } from '../../../commands/contract/chat.ts';
import { reply } from '../../../commands/contract/reply.ts';
import { openLanguages } from '../../../commands/languages/languages.ts';
import { withPresentation } from '../../../commands/presentation.ts';
import type { Address, Content, DeliveredPicture } from '../../../src/jobs/adapter.ts';
import { createLog } from '../../../src/log.ts';
import { type Channel, FakeDiscord, type FakeDiscordOptions, type Interaction } from '../../fakes/discord/index.ts';
import { JumpClock } from '../../fakes/wire/clock.ts';
import { openStallingWire, type StallingWire } from './wire.ts';

export interface Heard {
  readonly act: Act;
  readonly actor: Actor;
  readonly scene: Scene;
  readonly chat: Chat;
}

/** The adapter with a real client, logged in to a fake; closed at the test's end. */
export interface Bot {
  readonly discord: FakeDiscord;
  readonly clock: JumpClock;
  readonly wire: StallingWire;
  readonly adapter: DiscordAdapter;
  readonly heard: Heard[];
  /** Lines of the log. */
  readonly logged: string[];
  /** The act of an interaction, once it was handed over. */
  heardOf(interaction: Interaction): Promise<Heard>;
  /** Another adapter on the same Discord: what a new process would be. */
  restarted(overrides?: Partial<DiscordOptions>): DiscordAdapter;
}

export interface BotOptions {
  readonly fake?: FakeDiscordOptions;
  readonly adapter?: Partial<DiscordOptions>;
  readonly onAct?: HandleAct;
}

export const words = openLanguages();

export async function startBot({ fake, adapter: overrides, onAct }: BotOptions = {}): Promise<Bot> {
  const clock = new JumpClock();
  const discord = await FakeDiscord.open({ clock, ...fake });
  const wire = await openStallingWire(new URL(discord.apiUrl).origin);
  const logged: string[] = [];
  const open = (more: Partial<DiscordOptions> = {}): DiscordAdapter => {
    const opened = new DiscordAdapter({
      token: discord.token,
      apiUrl: `${wire.origin}/api`,
      cdnOrigins: [discord.cdn.origin],
      downloadTimeoutMs: 20_000,
      wordsOf: words,
      expectedWaitMs: () => 0,
      drainMs: 2_000,
      clock: () => clock.now(),
      log: createLog('trace', (line) => void logged.push(line)),
      ...overrides,
      ...more,
    });
    onTestFinished(() => opened.close());
    return opened;
  };
  onTestFinished(async () => {
    await wire.close();
    await discord.close();
  });
  const adapter = open();
  const heard: Heard[] = [];
  await adapter.register(undefined);
  await adapter.start(async (act, actor, scene, chat) => {
    heard.push({ act, actor, scene, chat });
    await onAct?.(act, actor, scene, chat);
  });
  return {
    discord,
    clock,
    wire,
    adapter,
    heard,
    logged,
    heardOf: ({ id }) => discord.until(() => heard.find(({ act }) => act.requestId === id), `act ${id}`),
    restarted: open,
  };
}

export const placeholder = reply({
  kind: 'new',
  visibility: 'all',
  lines: [{ kind: 'plain', spans: ['Got it!'] }],
});

/** A command whose placeholder stands, with the commands' part in its address. */
export async function acknowledged(
  bot: Bot,
  channel: Channel = bot.discord.channel(bot.discord.guild()),
): Promise<{ readonly address: Address; readonly interaction: Interaction; readonly heard: Heard }> {
  const person = bot.discord.user('Ada', { in: channel, installed: true });
  const interaction = await person.slash('cow', { prompt: 'a cow' });
  const heard = await bot.heardOf(interaction);
  const address = withPresentation(await heard.chat.acknowledge(placeholder), {
    jobId: 'j1',
    language: 'en',
    askerId: person.id,
    askerName: 'Ada',
    isSpoiler: false,
  });
  return { address, interaction, heard };
}

export function delivered(png: Uint8Array, number = 0): DeliveredPicture {
  return { number, seed: number, widthPx: 64, heightPx: 64, png: async () => png };
}

export function doneWith(pictures: readonly DeliveredPicture[], prompt = 'a cow'): Content {
  return { jobId: 'j1', state: 'done', prompt, pictures, isUnshared: false, code: null, sentence: null };
}

export const patient = { signal: new AbortController().signal };
