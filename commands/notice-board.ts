/** What moderation says of its own accord, in words: cards for moderators, news for people. */
import { addressOf, type DeliverResult } from '../src/jobs/adapter.ts';
import type { NoticeBoard } from '../src/moderation/notice-board.ts';
import { communitySettingsOf, personSettingsOf } from '../src/people/settings.ts';
import { type Case, caseById } from '../src/store/cases.ts';
import { chatOf } from '../src/store/communities.ts';
import { jobById } from '../src/store/jobs.ts';
import type { Notice } from '../src/store/notices.ts';
import { accountOf } from '../src/store/people.ts';
import type { Store } from '../src/store/store.ts';
import type { JsonObject } from '../src/store/tables.ts';
import { line } from './asked.ts';
import type { Outgoing, PostTarget } from './contract/outgoing.ts';
import { type Line, type Reply, reply } from './contract/reply.ts';
import { chooseLanguage, isMessageKey, type Language, type Words } from './languages/languages.ts';
import { cardMessage, type CardPlace } from './moderators-card.ts';

export interface NoticeBoardOptions {
  readonly store: Store;
  /** By platform; those that are connected. */
  readonly outgoing: ReadonlyMap<string, Outgoing>;
  readonly wordsOf: (language: Language) => Words;
}

export function createNoticeBoard(options: NoticeBoardOptions): NoticeBoard {
  const { outgoing } = options;
  return {
    async post(notice, signal) {
      const platform = outgoing.get(notice.platform);
      if (platform === undefined) return off(notice);
      const target = targetOf(notice.target);
      const message = await messageOf(options, notice);
      if (target === undefined || message === undefined)
        return { kind: 'never', reason: 'There is nothing to say any more.' };
      return platform.post(target, message, { key: notice.id, signal });
    },
    async refresh(notice, signal) {
      const platform = outgoing.get(notice.platform);
      if (platform === undefined) return off(notice);
      const message = await messageOf(options, notice);
      const { receipt } = notice;
      const chat = receipt?.['chat'];
      if (receipt === null || typeof chat !== 'string' || message === undefined) {
        return { kind: 'never', reason: 'There is no message to be changed.' };
      }
      return platform.edit({ ...receipt, chat }, message, { signal });
    },
  };
}

function off({ platform }: Notice): DeliverResult {
  return { kind: 'later', reason: `The ${platform} adapter is off.` };
}

function targetOf({ kind, userId, channelId, threadId }: JsonObject): PostTarget | undefined {
  if (kind === 'person' && typeof userId === 'string') return { kind, userId };
  if (kind !== 'channel' || typeof channelId !== 'string') return undefined;
  return { kind, channelId, ...(typeof threadId === 'string' ? { threadId } : {}) };
}

async function messageOf(options: NoticeBoardOptions, notice: Notice): Promise<Reply | undefined> {
  const { store } = options;
  const { kind, caseId } = notice;
  const words = options.wordsOf(await languageOf(store, notice));
  const one = caseId === null ? undefined : await caseById(store.db, caseId);
  switch (kind) {
    case 'card':
      return one === undefined ? undefined : cardMessage(store, one, placeOf(notice), words);
    case 'reminder':
      return one === undefined || one.state === 'decided'
        ? undefined
        : news([line(words.say(one.kind === 'report' ? 'card.reminder-hidden' : 'card.reminder'), 'heading')]);
    case 'outcome':
      return news([line(words.say(outcomeKey(notice))), ...(await whereLines(options, notice, one, words))]);
    case 'removed':
      return news([line(words.say('picture.removed')), ...(await whereLines(options, notice, one, words))]);
    case 'appeal':
      return news([line(words.say('appeal.denied')), ...(await whereLines(options, notice, one, words))]);
    case 'lifted':
      return news([line(words.say('sanction.lifted'))]);
    case 'sanction':
      return news([...sanctionLines(notice, words), ...(await whereLines(options, notice, one, words))]);
  }
}

/** Only who runs the bot gets cards in private. */
function placeOf({ platform, target }: Notice): CardPlace {
  return { platform, isForOperators: target['kind'] === 'person' };
}

function news(lines: readonly Line[]): Reply {
  return reply({ kind: 'new', visibility: 'all', lines });
}

/** As whoever is told would be answered where it happened. */
async function languageOf(store: Store, { platform, target, communityId }: Notice): Promise<Language> {
  const to = targetOf(target);
  const account =
    to?.kind === 'person' ? await accountOf(store.db, { platform, platformUserId: to.userId }) : undefined;
  const own = account === undefined ? undefined : (await personSettingsOf(store, account.personId)).language;
  const here = communityId === null ? undefined : (await communitySettingsOf(store, communityId)).language;
  return chooseLanguage(own, here, account?.locale ?? undefined);
}

/** Whoever is in several communities could not know which picture is meant. */
async function whereLines(
  { store: { db }, outgoing }: NoticeBoardOptions,
  { communityId }: Notice,
  one: Case | undefined,
  words: Words,
): Promise<readonly Line[]> {
  const chat = communityId === null ? undefined : await chatOf(db, communityId);
  if (chat === undefined) return [];
  const job = one?.jobId ? await jobById(db, one.jobId) : undefined;
  const url = outgoing.get(chat.platform)?.linkTo(chat.platformChatId, job && addressOf(job.address));
  if (url === undefined) return [];
  return [{ kind: 'small', spans: [words.say('news.where'), ' ', { kind: 'link', url }] }];
}

function outcomeKey({ detail }: Notice): 'outcome.removed' | 'outcome.kept' | 'outcome.withdrawn' {
  switch (detail['decision']) {
    case 'remove':
      return 'outcome.removed';
    case 'approve':
      return 'outcome.kept';
    default:
      return 'outcome.withdrawn';
  }
}

function sanctionLines({ detail }: Notice, words: Words): readonly Line[] {
  const { sanction, until, everywhere: isEverywhere } = detail;
  const key = typeof sanction === 'string' ? `sanction.${sanction}` : '';
  const said = isMessageKey(key) ? words.say(key, { until: typeof until === 'number' ? until : 0 }) : '';
  const everywhere = isEverywhere === true ? [line(words.say('sanction.everywhere'))] : [];
  // A warning hinders nothing, so there is nothing to be taken back.
  const appeal = sanction === 'warn' ? [] : [line(words.say('sanction.how-to-appeal'), 'small')];
  return [line(said), ...everywhere, ...appeal];
}
