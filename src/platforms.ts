/** The chat platforms that have a token, wired to the commands. */
import { openDiscord } from '../adapters/discord/index.ts';
import { TelegramAdapter } from '../adapters/telegram/index.ts';
import type { Outgoing } from '../commands/contract/outgoing.ts';
import { handle } from '../commands/dispatch.ts';
import { openLanguages } from '../commands/languages/languages.ts';
import type { Services } from '../commands/services.ts';
import { answerLeftPlaceholders } from '../commands/unanswered.ts';
import type { AppServices } from './app.ts';
import type { Config } from './config.ts';
import type { Adapter } from './jobs/adapter.ts';
import type { Log } from './log.ts';
import { createPromptChecker } from './moderation/checks/prompt.ts';
import { moveCommunity } from './people/move-chat.ts';
import { readPhoto } from './photo/intake.ts';
import { Refusal } from './errors.ts';
import { moveDeliveryAddress } from './store/deliveries.ts';
import { moveJobAddress } from './store/jobs.ts';

export interface PlatformOptions {
  readonly config: Config;
  /** Now, in Unix ms. */
  readonly clock: () => number;
  /** 0..1 */
  readonly random: () => number;
  readonly log: Log;
}

type Connect = (services: AppServices) => Promise<Adapter>;

const downloadTimeoutMs = 30_000;
/** Telegram says nowhere where an album ends: 1.5 s after its last picture it has. */
const albumWaitMs = 1_500;
const drainMs = 2_000;

/** One for each platform with a token; each hears its platform from its connection on. */
export function platformsOf(options: PlatformOptions): Connect[] {
  const { config, log } = options;
  const connects: Connect[] = [];
  const outgoing = new Map<string, Outgoing>();
  if (config.discord === undefined) log.info('Discord is off: DISCORD_TOKEN is not set.');
  else connects.push(connectDiscord(options, outgoing, config.discord));
  if (config.telegram === undefined) log.info('Telegram is off: TELEGRAM_TOKEN is not set.');
  else connects.push(connectTelegram(options, outgoing, config.telegram));
  return connects;
}

type OutgoingByPlatform = Map<string, Outgoing>;

function connectDiscord(
  options: PlatformOptions,
  outgoing: OutgoingByPlatform,
  discord: NonNullable<Config['discord']>,
): Connect {
  const { clock, log } = options;
  return async (app) => {
    const wordsOf = openLanguages();
    const adapter = openDiscord({
      ...discord,
      downloadTimeoutMs,
      wordsOf,
      expectedWaitMs: () => app.jobs.snapshot().waitingMs,
      clock,
      log,
    });
    const services = servicesOf(options, app, wordsOf, outgoing);
    await answerLeftPlaceholders(app.store, 'discord', wordsOf, async (address, reply) =>
      adapter.edit(address, reply, { signal: app.closing }),
    );
    outgoing.set(adapter.platform, adapter);
    await adapter.start(async (act, actor, scene, chat) => handle(act, actor, scene, chat, services));
    // Discord is told of commands only where these changed; what it was told last is remembered.
    const registered = app.store.keyv<string>('registered');
    await registered.set('discord', await adapter.register(await registered.get('discord')));
    log.info('Discord is on.');
    return adapter;
  };
}

function connectTelegram(
  options: PlatformOptions,
  outgoing: OutgoingByPlatform,
  telegram: NonNullable<Config['telegram']>,
): Connect {
  const { clock, log } = options;
  return async (app) => {
    const wordsOf = openLanguages();
    const adapter = new TelegramAdapter({
      ...telegram,
      updates: { kind: 'polling' },
      wordsOf,
      chatMoved: async (platformChatId, to) => moveCommunity(app.store, { platform: 'telegram', platformChatId }, to),
      downloadTimeoutMs,
      messageMoved: async (from, to) =>
        app.store.transaction(async (tx) => {
          await moveJobAddress(tx, from, to);
          await moveDeliveryAddress(tx, from, to);
        }),
      albumWaitMs,
      drainMs,
      clock,
      log,
    });
    const services = servicesOf(options, app, wordsOf, outgoing);
    await answerLeftPlaceholders(app.store, 'telegram', wordsOf, async (address, reply) =>
      adapter.edit(address, reply, { signal: app.closing }),
    );
    outgoing.set(adapter.platform, adapter);
    await adapter.start(async (act, actor, scene, chat) => handle(act, actor, scene, chat, services));
    return adapter;
  };
}

function servicesOf(
  { config, clock, random, log }: PlatformOptions,
  app: AppServices,
  wordsOf: Services['wordsOf'],
  outgoing: Services['outgoing'],
): Services {
  const { store, jobs, progress, card, closing } = app;
  return {
    store,
    jobs,
    progress,
    outgoing,
    card,
    wordsOf,
    operators: config.operators,
    checkWish: createWishCheck(),
    sourceUrl: config.sourceUrl,
    clock,
    random,
    log,
    signal: closing,
  };
}

/**
 * A look at what is asked for before it is queued: bad photos and forbidden prompts get their sentence at once. What a
 * moderator would have to look at is refused as well, for there is nobody to look yet.
 */
function createWishCheck(): Services['checkWish'] {
  const prompts = createPromptChecker();
  return async ({ prompt, photos }, signal) => {
    const verdict = prompts.check(prompt, { strictness: 'normal', photoShowsPerson: photos.length > 0 });
    if (verdict.kind !== 'allow') throw new Refusal(verdict.reasons[0].code, verdict.reasons[0].sentence);
    for (const photo of photos) {
      await readPhoto(photo);
      signal.throwIfAborted();
    }
  };
}
