/** The chat platforms that have a token, wired to the commands. */
import PQueue from 'p-queue';

import { DiscordAdapter } from '../adapters/discord/index.ts';
import { TelegramAdapter } from '../adapters/telegram/index.ts';
import type { Outgoing } from '../commands/contract/outgoing.ts';
import { handle } from '../commands/dispatch.ts';
import { openLanguages } from '../commands/languages/languages.ts';
import { createNoticeBoard } from '../commands/notice-board.ts';
import { openOnce } from '../commands/once.ts';
import { isKnownRefusal } from '../commands/languages/refusals.ts';
import type { HandleAct } from '../commands/contract/chat.ts';
import type { Services } from '../commands/services.ts';
import { answerLeftPlaceholders } from '../commands/unanswered.ts';
import type { AppServices, Platform } from './app.ts';
import type { Config } from './config.ts';
import type { Log } from './log.ts';
import { meteredChat } from './metered-chat.ts';
import type { Metrics } from './metrics.ts';
import type { NoticeBoard } from './moderation/notice-board.ts';
import { moveCommunity, moveMessage } from './people/move-chat.ts';

export interface PlatformOptions {
  readonly config: Config;
  /** Now, in Unix ms. */
  readonly clock: () => number;
  /** 0..1 */
  readonly random: () => number;
  readonly log: Log;
}

type Connect = (services: AppServices) => Platform;

const downloadTimeoutMs = 30_000;
/** Telegram says nowhere where an album ends: 1.5 s after its last picture it has. */
const albumWaitMs = 1_500;
const drainMs = 2_000;
/** Of one platform, on their way from its file server until they are stored: as long they are in memory. */
const photosAtOnce = 32;

/**
 * @property connect one for each platform with a token. @property board brings words of moderation to all of them.
 */
export interface Platforms {
  readonly connect: readonly Connect[];
  readonly board: (services: AppServices) => NoticeBoard;
}

export function platformsOf(options: PlatformOptions): Platforms {
  const { config, log } = options;
  const connects: Connect[] = [];
  const outgoing = new Map<string, Outgoing>();
  if (config.discord === undefined) log.info('Discord is off: DISCORD_TOKEN is not set.');
  else connects.push(connectDiscord(options, outgoing, config.discord));
  if (config.telegram === undefined) log.info('Telegram is off: TELEGRAM_TOKEN is not set.');
  else connects.push(connectTelegram(options, outgoing, config.telegram));
  if (connects.length === 0) {
    log.warn(
      'Nobody can reach this bot: put a token into .env (README, "In Discord and Telegram") and start it again.',
    );
  } else if (config.operators.size === 0) {
    log.warn(
      "COWBOT_OPERATORS names nobody: what is held in private chats, and in communities without a moderators' channel, goes unseen.",
    );
  }
  const board = ({ store }: AppServices): NoticeBoard =>
    createNoticeBoard({ store, outgoing, wordsOf: openLanguages() });
  return { connect: connects, board };
}

type OutgoingByPlatform = Map<string, Outgoing>;

function connectDiscord(
  options: PlatformOptions,
  outgoing: OutgoingByPlatform,
  discord: NonNullable<Config['discord']>,
): Connect {
  const { clock, log } = options;
  return (app) => {
    const wordsOf = openLanguages();
    const adapter = new DiscordAdapter({
      ...discord,
      downloadTimeoutMs,
      wordsOf,
      expectedWaitMs: () => app.jobs.snapshot().waitingMs,
      drainMs,
      clock,
      log,
    });
    outgoing.set(adapter.platform, adapter);
    const listen = async (): Promise<void> => {
      await begin(adapter, app, servicesOf(options, app, wordsOf, outgoing));
      // Discord is told of commands only where these changed; what it was told last is remembered.
      const registered = app.store.keyv<string>('registered');
      await registered.set('discord', await adapter.register(await registered.get('discord')));
      log.info('Discord is on.');
    };
    return { adapter, listen };
  };
}

function connectTelegram(
  options: PlatformOptions,
  outgoing: OutgoingByPlatform,
  { webhook, ...telegram }: NonNullable<Config['telegram']>,
): Connect {
  const { clock, log } = options;
  return (app) => {
    const { store } = app;
    const wordsOf = openLanguages();
    const adapter = new TelegramAdapter({
      ...telegram,
      updates: webhook === undefined ? { kind: 'polling' } : { kind: 'webhook', ...webhook },
      wordsOf,
      chatMoved: async (platformChatId, to) => moveCommunity(store, { platform: 'telegram', platformChatId }, to),
      messageMoved: async (from, to) => moveMessage(store, from, to),
      downloadTimeoutMs,
      albumWaitMs,
      drainMs,
      clock,
      log,
    });
    if (webhook !== undefined) app.route(new URL(webhook.url).pathname, async (request) => adapter.webhook(request));
    outgoing.set(adapter.platform, adapter);
    return { adapter, listen: async () => begin(adapter, app, servicesOf(options, app, wordsOf, outgoing)) };
  };
}

/** Makes good what the last process left, then has people heard. */
async function begin(
  adapter: DiscordAdapter | TelegramAdapter,
  { store, metrics, closing: signal }: AppServices,
  services: Services,
): Promise<void> {
  await answerLeftPlaceholders(store, adapter.platform, services.wordsOf, async (address, reply) =>
    adapter.edit(address, reply, { signal }),
  );
  await adapter.start(metered(metrics, services));
}

/** Does what acts ask for, and counts them. */
function metered(metrics: Metrics, services: Services): HandleAct {
  return async (act, actor, scene, chat) => {
    const { platform } = scene;
    const beganMs = performance.now();
    metrics.actBegan(platform, act.kind);
    const minded = meteredChat(chat, () => metrics.acknowledged(platform, performance.now() - beganMs));
    await handle(act, actor, scene, minded, services);
  };
}

function servicesOf(
  { config, clock, random, log }: PlatformOptions,
  app: AppServices,
  wordsOf: Services['wordsOf'],
  outgoing: Services['outgoing'],
): Services {
  const { store, jobs, progress, moderation, weights, card, metrics, closing } = app;
  const intake = new PQueue({ concurrency: photosAtOnce });
  return {
    store,
    once: openOnce(store, clock),
    jobs,
    progress,
    outgoing,
    card,
    wordsOf,
    operators: config.operators,
    moderation,
    weights,
    contact: config.contact,
    retention: config,
    forgetting: app.forgetting,
    sourceUrl: config.sourceUrl,
    clock,
    random,
    log,
    arriving: new Map(),
    takeIn: async (work) => intake.add(work, { signal: closing }),
    onRefusal: (code) => metrics.refused(isKnownRefusal(code) ? code : 'other'),
    signal: closing,
  };
}
