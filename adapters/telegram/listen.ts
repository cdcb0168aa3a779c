/** What people do in Telegram, as acts, in the order in which they do it. */
import { sequentialize } from '@grammyjs/runner';
import type { Bot, Context, Middleware } from 'grammy';
import type { Message } from 'grammy/types';
import type { Scene } from '../../commands/contract/act.ts';
import type { HandleAct } from '../../commands/contract/chat.ts';
import type { Language, Words } from '../../commands/languages/languages.ts';
import type { UnderWay } from '../../src/jobs/under-way.ts';
import type { Log } from '../../src/log.ts';
import type { Albums } from './albums.ts';
import { errorText } from './calls.ts';
import { TelegramChat } from './chat.ts';
import type { OpenFile } from './files.ts';
import { type ChatMove, moveOf, type Received, receive } from './receive.ts';
import { allRights, Rights } from './rights.ts';

/** An update on its way through. @property album the messages that it speaks for. */
export type Told = Context & { album?: readonly Message[] };

/**
 * @property underWay hears of every act that is being done. @property closing ends them. @property chatMoved a group
 * became a supergroup, whose id is another; may be told more than once.
 */
export interface ListenOptions {
  readonly handle: HandleAct;
  readonly albums: Albums;
  readonly open: OpenFile;
  readonly wordsOf: (language: Language) => Words;
  readonly chatMoved: (fromChatId: string, toChatId: string) => Promise<void>;
  readonly underWay: UnderWay;
  readonly closing: AbortSignal;
  /** Now, in Unix ms. */
  readonly clock: () => number;
  readonly log: Log;
}

/** https://core.telegram.org/bots/api#sending-files */
const maxUploadBytes = 50 * 2 ** 20;

/** To be called before the bot takes its first update. */
export function listen(bot: Bot<Told>, options: ListenOptions): void {
  bot.use(followMoves(options));
  bot.use(gatherAlbums(options.albums));
  // What one person says in one chat is answered in its order: a photo, then the words for it. A request is answered
  // by its placeholder; nobody's next words wait for the photos of the last.
  bot.use(sequentialize<Told>(({ chat, from }) => `${chat?.id}:${from?.id}`));
  bot.use(doActs(bot, options));
  bot.catch(({ error }) => noteFailed(options.log, error));
}

export function noteFailed(log: Log, error: unknown): void {
  log.error({ platform: 'telegram', error: errorText(error) }, 'An update could not be handled');
}

/** What is said in the supergroup belongs to the community that the group was. */
function followMoves({ chatMoved, log }: ListenOptions): Middleware<Told> {
  /** Ends when every move that was heard of is written down. */
  let moving: Promise<void> = Promise.resolve();
  const follow = async ({ from, to }: ChatMove): Promise<void> => {
    await moving;
    try {
      await chatMoved(from, to);
    } catch (error) {
      log.error({ platform: 'telegram', error: errorText(error) }, 'A group that became a supergroup starts anew');
    }
  };
  return async ({ message }, next) => {
    const move = message === undefined ? undefined : moveOf(message);
    if (move !== undefined) moving = follow(move);
    await moving;
    await next();
  };
}

/** An album comes as one message a picture: the first goes on, with all of them. */
function gatherAlbums(albums: Albums): Middleware<Told> {
  return async (context, next) => {
    const { message } = context;
    if (message === undefined) return next();
    const taken = albums.take(message);
    if (taken === undefined) return;
    const turn = taken instanceof Promise ? await taken : taken;
    context.album = turn.messages;
    const ended = next();
    // Whoever waited for this album gets into the lane behind it.
    turn.begun();
    await ended;
  };
}

/** Ends when the act is acknowledged: the rest of it keeps nobody waiting. */
function doActs(bot: Bot<Told>, options: ListenOptions): Middleware<Told> {
  const { open, underWay, clock, log } = options;
  const rights = new Rights(bot.api, clock);
  return async ({ update, me, album }) => {
    const received = receive(update, { me, open }, album);
    if (received === undefined) return;
    const acknowledged = Promise.withResolvers<void>();
    const done = doAct(bot, rights, received, acknowledged.resolve, options);
    underWay.add(done.catch((error: unknown) => noteFailed(log, error)));
    await Promise.race([done.catch(() => {}), acknowledged.promise]);
  };
}

async function doAct(
  bot: Bot<Told>,
  rights: Rights,
  received: Received,
  onAcknowledged: () => void,
  { handle, open, wordsOf, closing: signal }: ListenOptions,
): Promise<void> {
  const { api } = bot;
  const { username: botName } = bot.botInfo;
  const scene = await sceneOf(received, rights, signal);
  const chat = new TelegramChat({ api, botName, open, rights, wordsOf, scene, received, signal, onAcknowledged });
  try {
    await handle(received.act, received.actor, scene, chat);
  } finally {
    await chat.settle();
  }
}

async function sceneOf({ actor, spot }: Received, rights: Rights, signal: AbortSignal): Promise<Scene> {
  const { chatId, kind, threadId, isAnonymousAdmin } = spot;
  const isOwn = kind === 'private' || isAnonymousAdmin;
  const mine = isOwn ? allRights : await rights.of(chatId, Number(actor.userId), signal);
  const chat = String(chatId);
  return {
    platform: 'telegram',
    communityId: chat,
    kind,
    channelId: chat,
    ...mine,
    maxUploadBytes,
    ...(threadId === undefined ? {} : { threadId: String(threadId) }),
  };
}
