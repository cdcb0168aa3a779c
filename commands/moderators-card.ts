/** A case as moderators see it: what it is about, whose it is, what was before, and what they can do. */
import { addressOf } from '../src/jobs/adapter.ts';
import { type Case, reportOutcomes, reportsOfCase } from '../src/store/cases.ts';
import { type Job, jobById } from '../src/store/jobs.ts';
import { identitiesOf } from '../src/store/people.ts';
import { picturesOfJob } from '../src/store/pictures.ts';
import { sanctionOfCase, sanctionRecord } from '../src/store/sanctions.ts';
import type { Store } from '../src/store/store.ts';
import { line } from './asked.ts';
import { encodePressId } from './contract/press-id.ts';
import { type Button, type Line, type Reply, reply, type ReplyPicture, type Span } from './contract/reply.ts';
import { isMessageKey, type MessageKey, type Words } from './languages/languages.ts';
import { presentationOf } from './presentation.ts';

/** Notes of reporters that a card shows. */
const shownNotes = 3;

/** Where a card stands. @property isForOperators whether in private with somebody who runs the bot. */
export interface CardPlace {
  readonly platform: string;
  readonly isForOperators: boolean;
}

export async function cardMessage(store: Store, one: Case, place: CardPlace, words: Words): Promise<Reply> {
  const { platform, isForOperators } = place;
  const job = one.jobId === null ? undefined : await jobById(store.db, one.jobId);
  const isOpen = one.state === 'open';
  const lines = [
    line(words.say(`card.title.${one.kind}`), 'heading'),
    await whoLine(store, one, job, platform, words),
    ...(job === undefined ? [] : [line(job.prompt, 'quote')]),
    ...(one.remains === null ? [] : [line(words.say('card.deleted'))]),
    ...(one.note === null ? [] : [line(one.note, 'quote')]),
    whyLine(one, words),
    ...(await reportLines(store, one, words)),
    line(await recordText(store, one, words), 'small'),
    ...(isOpen ? dueLines(one, words) : [await decidedLine(store, one, platform, words)]),
  ];
  return reply({
    kind: 'edit-placeholder',
    visibility: 'all',
    lines,
    pictures: isOpen && job !== undefined ? await picturesOf(store, job) : [],
    rows: isOpen ? openRows(one, words) : await decidedRows(store, one, isForOperators, words),
  });
}

async function whoLine(
  store: Store,
  { personId }: Case,
  job: Job | undefined,
  platform: string,
  words: Words,
): Promise<Line> {
  const asker = job === undefined ? undefined : presentationOf(job.address);
  const person = await personSpan(store, personId, platform, asker?.askerName ?? words.say('card.member'));
  return { kind: 'plain', spans: [words.say('card.by'), ' ', person] };
}

/** A mention where the person has an account on that platform. */
async function personSpan(store: Store, personId: string, platform: string, name: string): Promise<Span> {
  const account = (await identitiesOf(store.db, personId)).find((one) => one.platform === platform);
  return account === undefined ? name : { kind: 'person', userId: account.platformUserId, name };
}

function whyLine({ kind, reason }: Case, words: Words): Line {
  const [subject = ''] = reason.split('.');
  const key = whyKeys[subject] ?? (kind === 'appeal' ? 'card.why.appeal' : 'card.why.report');
  // The community's own rule needs no other reason.
  if (subject === 'share') return line(words.say(key));
  const reported = `report.reason.${reason}`;
  const detail: Span = isMessageKey(reported) ? words.say(reported) : { kind: 'code', text: reason };
  return { kind: 'plain', spans: [words.say(key), ' ', detail] };
}

const whyKeys: Readonly<Record<string, MessageKey>> = {
  prompt: 'card.why.prompt',
  photo: 'card.why.photo',
  picture: 'card.why.picture',
  share: 'card.why.share',
};

async function reportLines(store: Store, { id, communityId }: Case, words: Words): Promise<readonly Line[]> {
  const reports = await reportsOfCase(store.db, id);
  if (reports.length === 0) return [];
  const notes = reports.flatMap(({ note }) => (note === null ? [] : [line(note, 'quote')]));
  let [right, wrong] = [0, 0];
  for (const { personId } of reports) {
    // What was withdrawn says nothing about whoever reported it.
    const { approve = 0, withdrawn: _, ...removed } = await reportOutcomes(store.db, { personId, communityId });
    wrong += approve;
    right += Object.values(removed).reduce((sum, count) => sum + count, 0);
  }
  const earlier = right + wrong === 0 ? [] : [line(words.say('card.reporters', { right, wrong }), 'small')];
  return [line(words.say('card.reports', { count: reports.length })), ...earlier, ...notes.slice(0, shownNotes)];
}

async function recordText(store: Store, { personId, communityId }: Case, words: Words): Promise<string> {
  const { warn = 0, suspend = 0, ban = 0 } = await sanctionRecord(store.db, { personId, communityId });
  return warn + suspend + ban === 0 ? words.say('card.no-record') : words.say('card.record', { warn, suspend, ban });
}

function dueLines({ dueAt, kind, remains }: Case, words: Words): readonly Line[] {
  if (dueAt === null) return [];
  const seen = kind === 'depiction' ? 'card.due.removed' : 'card.due.unseen';
  return [line(words.say(remains === null ? seen : 'card.due.deleted', { due: dueAt }), 'small')];
}

async function decidedLine(store: Store, one: Case, platform: string, words: Words): Promise<Line> {
  const decision = words.say(`card.decided.${one.decision ?? 'withdrawn'}`);
  const [kind, id] = (one.decidedBy ?? '').split(':');
  if (kind !== 'person' || id === undefined) return line(decision, 'heading');
  const person = await personSpan(store, id, platform, words.say('card.moderator'));
  return { kind: 'heading', spans: [decision, ' (', person, ')'] };
}

/** Nobody sees it who does not want to. */
async function picturesOf(store: Store, job: Job): Promise<readonly ReplyPicture[]> {
  const pictures = await picturesOfJob(store.db, job.id);
  return pictures.flatMap(({ state, pngHash, widthPx, heightPx, number }) => {
    if (state === 'removed' || pngHash === null || addressOf(job.address) === undefined) return [];
    const altText = `${number + 1}/${pictures.length}`;
    return [{ png: async () => store.blobs.get(pngHash), widthPx, heightPx, altText, isSpoiler: true }];
  });
}

type CaseAction = 'approve' | 'deny' | 'remove' | 'warn' | 'suspend' | 'ban';

function openRows({ id, kind }: Case, words: Words): Reply['rows'] {
  const one = (action: CaseAction, style: Button['style']): Button => ({
    label: words.say(`button.${action}`),
    pressId: encodePressId({ action, id }),
    style,
  });
  const approve = one('approve', 'primary');
  if (kind === 'appeal') return [[approve, one('deny', 'danger')]];
  return [
    [approve, one('remove', 'danger')],
    [one('warn', 'secondary'), one('suspend', 'secondary'), one('ban', 'danger')],
  ];
}

/** What was decided can be undone as far as it can be. */
async function decidedRows(
  store: Store,
  { id, decision, kind }: Case,
  isForOperators: boolean,
  words: Words,
): Promise<Reply['rows']> {
  const sanction = await sanctionOfCase(store.db, id);
  const button = (action: 'lift' | 'widen' | 'mute', about: string): Button => ({
    label: words.say(`button.${action}`),
    pressId: encodePressId({ action, id: about }),
    style: 'secondary',
  });
  if (sanction !== undefined && sanction.liftedAt === null) {
    const mayWiden = isForOperators && sanction.kind !== 'warn' && sanction.communityId !== null;
    const widen = mayWiden ? [button('widen', sanction.id)] : [];
    return [[button('lift', sanction.id), ...widen]];
  }
  const wasHarmless = decision === 'approve' && (kind === 'report' || kind === 'depiction');
  return wasHarmless ? [[button('mute', id)]] : [];
}
