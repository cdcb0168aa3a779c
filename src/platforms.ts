/** The chat platforms that have a token, wired to the commands. */
import { openDiscord } from '../adapters/discord/index.ts';
import { TelegramAdapter } from '../adapters/telegram/index.ts';
import { handle } from '../commands/dispatch.ts';
import { openLanguages } from '../commands/languages/languages.ts';
import { isKnownRefusal } from '../commands/languages/refusals.ts';
import type { Act, Actor, Scene } from '../commands/contract/act.ts';
import type { Chat } from '../commands/contract/chat.ts';
import type { Services } from '../commands/services.ts';
import { answerLeftPlaceholders } from '../commands/unanswered.ts';
import type { AppServices } from './app.ts';
import type { Config } from './config.ts';
import type { Adapter } from './jobs/adapter.ts';
import type { Log } from './log.ts';
import { createPromptChecker } from './moderation/checks/prompt.ts';
import { meteredChat } from './metered-chat.ts';
import type { Metrics } from './metrics.ts';
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
  if (config.discord === undefined) log.info('Discord is off: DISCORD_TOKEN is not set.');
  else connects.push(connectDiscord(options, config.discord));
  if (config.telegram === undefined) log.info('Telegram is off: TELEGRAM_TOKEN is not set.');
  else connects.push(connectTelegram(options, config.telegram));
  return connects;
}

function connectDiscord(options: PlatformOptions, discord: NonNullable<Config['discord']>): Connect {
  const { clock, log } = options;
  return async (app) => {
    const wordsOf = openLanguages();
    const adapter = openDiscord({
      ...discord,
      downloadTimeoutMs,
      wordsOf,
      expectedWaitMs: () => app.jobs.snapshot().waitingMs,
      drainMs,
      clock,
      log,
    });
    const services = servicesOf(options, app, wordsOf);
    await answerLeftPlaceholders(app.store, 'discord', wordsOf, async (address, reply) => adapter.edit(address, reply));
    await adapter.start(metered(app.metrics, services));
    // Discord is told of commands only where these changed; what it was told last is remembered.
    const registered = app.store.keyv<string>('registered');
    await registered.set('discord', await adapter.register(await registered.get('discord')));
    log.info('Discord is on.');
    return adapter;
  };
}

function connectTelegram(options: PlatformOptions, telegram: NonNullable<Config['telegram']>): Connect {
  const { clock, log } = options;
  const { token, apiUrl, webhook } = telegram;
  return async (app) => {
    const wordsOf = openLanguages();
    const adapter = new TelegramAdapter({
      token,
      apiUrl,
      updates: webhook === undefined ? { kind: 'polling' } : { kind: 'webhook', ...webhook },
      wordsOf,
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
    const services = servicesOf(options, app, wordsOf);
    await answerLeftPlaceholders(app.store, 'telegram', wordsOf, async (address, reply) =>
      adapter.edit(address, reply),
    );
    if (webhook !== undefined) app.route(new URL(webhook.url).pathname, async (request) => adapter.webhook(request));
    await adapter.start(metered(app.metrics, services));
    return adapter;
  };
}

/** Does what acts ask for, and counts them. */
function metered(
  metrics: Metrics,
  services: Services,
): (act: Act, actor: Actor, scene: Scene, chat: Chat) => Promise<void> {
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
): Services {
  const { store, jobs, progress, card, metrics, closing } = app;
  return {
    store,
    jobs,
    progress,
    card,
    wordsOf,
    operators: config.operators,
    checkWish: createWishCheck(),
    sourceUrl: config.sourceUrl,
    clock,
    random,
    log,
    onRefusal: (code) => metrics.refused(isKnownRefusal(code) ? code : 'other'),
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
