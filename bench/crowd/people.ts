/** The people of the crowd: what they ask for, report, decide, share and delete, each at random. */
import { setTimeout as delay } from 'node:timers/promises';

import type { AppServices } from '../../src/app.ts';
import { Refusal } from '../../src/errors.ts';
import { shareResult } from '../../src/jobs/showing.ts';
import { type ReportReason, reportReasons } from '../../src/moderation/rules.ts';
import type { Ruling } from '../../src/moderation/ruling.ts';
import { stopJob } from '../../src/people/remove-job.ts';
import { changeCommunitySettings } from '../../src/people/settings.ts';
import { appendAudit } from '../../src/store/audit.ts';
import { type Case, openCases } from '../../src/store/cases.ts';
import { ensureCommunity } from '../../src/store/communities.ts';
import { countDeliveries } from '../../src/store/deliveries.ts';
import { countJobsByState, type Job, listJobs } from '../../src/store/jobs.ts';
import { nextNoticeAt, standingCards } from '../../src/store/notices.ts';
import { ensurePerson } from '../../src/store/people.ts';
import type { ChatClient } from '../../test/fakes/chat-adapter.ts';
import type { FaultPoint } from '../crash/fault-points.ts';
import { photoOf } from '../crash/requests.ts';
import { anAct, type CrowdOrders, operator, quiet, requestKey, rooms } from './orders.ts';

export interface Crowd {
  readonly services: AppServices;
  readonly chat: ChatClient;
  readonly orders: CrowdOrders;
  readonly faultPoint: FaultPoint;
  /** 0..1 */
  readonly random: () => number;
  readonly clock: () => number;
}

/** So many people share a photo of one of these. */
const photos = 17;
const longestPauseMs = 20;

/** The people and their rooms; those who are there already stay who they are. */
export async function moveIn({ services: { store }, orders, clock }: Crowd): Promise<void> {
  await store.transaction(async (tx) => {
    for (const id of [operator, ...Array.from({ length: orders.people }, (_, i) => personOf(i))]) {
      await ensurePerson(tx, { platform: 'test', platformUserId: id, newPersonId: id, at: clock() });
    }
    for (const { id } of rooms) {
      await ensureCommunity(tx, { platform: 'test', platformChatId: id, newCommunityId: id, at: clock() });
    }
  });
  for (const { id, showing, moderators } of rooms) {
    await store.transaction(async (tx) =>
      changeCommunitySettings(tx, id, (here) => ({
        ...here,
        showing,
        strictness: 'off',
        ...(moderators === undefined ? {} : { moderators }),
      })),
    );
  }
}

/** Asks for pictures from a number to another; what was asked for before is asked for once more, and changes nothing. */
export async function ask(crowd: Crowd, from: number, to: number): Promise<void> {
  const { services, chat, orders, clock } = crowd;
  for (let request = from; request < to; request++) {
    const room = rooms[request % rooms.length]?.id ?? '';
    const personId = personOf(request % orders.people);
    const photo = request % 3 === 0 ? await photoOf(request % photos) : undefined;
    const prompt = `request ${request}`;
    const { id: message } = await chat.post(room, requestKey(request), 'in the queue');
    const asked = { personId, communityId: room, prompt, photos: photo === undefined ? [] : [photo] };
    const hold = await services.moderation.lookAtWish(asked, services.closing);
    await services.jobs.submit({
      idempotencyKey: requestKey(request),
      personId,
      communityId: room,
      platform: 'test',
      address: { chat: room, message },
      wish: {
        prompt,
        photos: photo === undefined ? [] : [{ keep: 'whole' }],
        parameters: {},
        seed: clock() % 2 ** 24,
        count: request % 5 === 0 ? 2 : 1,
      },
      photos: photo === undefined ? [] : [{ photo }],
      hold,
    });
  }
}

/** All of them at once, each with pauses, until they have done `acts` together. */
export async function beBusy(crowd: Crowd): Promise<void> {
  const { orders, random, faultPoint } = crowd;
  let left = orders.acts;
  const person = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await delay(random() * longestPauseMs);
      faultPoint(anAct);
      await unlessRefused(actAtRandom(crowd));
    }
  };
  await Promise.all(Array.from({ length: orders.people }, person));
  faultPoint(quiet);
}

/** What is refused is refused rightly or not: that is for other tests. */
async function unlessRefused(act: Promise<unknown>): Promise<void> {
  await act.catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error;
  });
}

type Act = (crowd: Crowd) => Promise<unknown>;

const acts: readonly (readonly [weight: number, act: Act])[] = [
  [30, reportOne],
  [25, decideOne],
  [10, appeal],
  [8, share],
  [4, deleteOwn],
  [4, deleteReported],
  [6, mute],
  [5, lift],
  [5, widen],
  [3, cancel],
  [2, askAgain],
];
const weights = acts.reduce((sum, [weight]) => sum + weight, 0);

async function actAtRandom(crowd: Crowd): Promise<unknown> {
  let at = crowd.random() * weights;
  const chosen = acts.find(([weight]) => (at -= weight) < 0);
  return chosen?.[1](crowd);
}

async function reportOne(crowd: Crowd): Promise<void> {
  const { services, random } = crowd;
  const job = await anyJob(crowd);
  if (job === undefined) return;
  const personId = anyPerson(crowd);
  // Most are about something that does not hide at once.
  const reason: ReportReason = (random() < 0.5 ? undefined : oneOf(reportReasons, random)) ?? 'other';
  const { caseId } = await services.moderation.report({ jobId: job.id, personId, reason });
  if (random() < 0.5) await services.moderation.addNote({ caseId, personId, note: 'Look at the left hand.' });
}

/** Often two decide at the same moment, and not the same. */
async function decideOne(crowd: Crowd): Promise<void> {
  const { services, random } = crowd;
  const open = await openCases(services.store.db, {});
  const one = oneOf(open, random);
  if (one === undefined) return;
  const others = random() < 0.5 ? 1 : 2;
  await Promise.all(
    Array.from({ length: others }, async () =>
      services.moderation.decide(one.id, rulingOn(one, random), `person:${anyPerson(crowd)}`),
    ),
  );
}

function rulingOn({ kind }: Case, random: () => number): Ruling {
  if (kind === 'appeal') return { decision: random() < 0.5 ? 'approve' : 'deny' };
  const everywhere = random() < 0.2;
  const rulings: readonly Ruling[] = [
    { decision: 'approve' },
    { decision: 'approve' },
    { decision: 'remove' },
    { decision: 'warn' },
    { decision: 'suspend', days: 1, everywhere },
    { decision: 'ban', everywhere },
  ];
  return oneOf(rulings, random) ?? { decision: 'approve' };
}

async function appeal(crowd: Crowd): Promise<void> {
  const { services, random } = crowd;
  const communityId = oneOf(rooms, random)?.id ?? '';
  await services.moderation.appeal({ personId: anyPerson(crowd), communityId, text: 'It was art.' });
}

/** As the button does it. */
async function share(crowd: Crowd): Promise<void> {
  const { services, clock } = crowd;
  const job = await anyJob(crowd);
  if (job === undefined) return;
  await services.moderation.checkNotSanctioned({ personId: job.personId, communityId: job.communityId });
  const at = clock();
  await services.store.transaction(async (tx) => {
    if (!(await shareResult(tx, job.id, at))) return;
    const actor = `person:${job.personId}`;
    await appendAudit(tx, { at, actor, action: 'job.shared', subject: `job:${job.id}`, reason: 'asked', detail: {} });
  });
  services.moderation.wake();
}

async function deleteOwn(crowd: Crowd): Promise<void> {
  const job = await anyJob(crowd);
  if (job !== undefined) await deleteAs(crowd, job.id, job.personId);
}

/** A moderator deletes what there is a case of, often while another decides it or its owner deletes it. */
async function deleteReported(crowd: Crowd): Promise<void> {
  const { services, random } = crowd;
  const one = oneOf(await openCases(services.store.db, {}), random);
  const jobId = one?.jobId ?? (await anyJob(crowd))?.id;
  if (jobId === undefined) return;
  const others = [
    async () => {},
    async () => deleteAs(crowd, jobId, anyPerson(crowd)),
    async () => deleteAs(crowd, jobId, one?.personId ?? anyPerson(crowd)),
    async () => one && services.moderation.decide(one.id, rulingOn(one, random), `person:${anyPerson(crowd)}`),
  ];
  await Promise.all([deleteAs(crowd, jobId, anyPerson(crowd)), oneOf(others, random)?.()]);
}

/** As the button does it. */
async function deleteAs({ services }: Crowd, jobId: string, personId: string): Promise<void> {
  await stopJob(services, jobId, `person:${personId}`, services.closing);
  await services.moderation.deletePicture(jobId, personId);
}

async function mute(crowd: Crowd): Promise<void> {
  const { services, random } = crowd;
  const decided = await services.store.db.selectFrom('cases').select('id').where('decision', '=', 'approve').execute();
  const one = oneOf(decided, random);
  if (one !== undefined) await services.moderation.muteReporters(one.id, `person:${anyPerson(crowd)}`);
}

async function lift(crowd: Crowd): Promise<void> {
  const id = await anySanction(crowd);
  if (id !== undefined) await crowd.services.moderation.lift(id, `person:${anyPerson(crowd)}`);
}

async function widen(crowd: Crowd): Promise<void> {
  const id = await anySanction(crowd);
  if (id !== undefined) await crowd.services.moderation.widen(id, `person:${operator}`);
}

async function anySanction({ services: { store }, random }: Crowd): Promise<string | undefined> {
  return oneOf(await store.db.selectFrom('sanctions').select('id').execute(), random)?.id;
}

async function cancel(crowd: Crowd): Promise<void> {
  const job = await anyJob(crowd);
  if (job !== undefined) await crowd.services.jobs.cancel(job.id, `person:${job.personId}`);
}

async function askAgain({ services, random }: Crowd): Promise<void> {
  const states = ['cancelled', 'failed'] as const;
  const job = oneOf(await listJobs(services.store.db, { states }, { limit: 100 }), random);
  if (job !== undefined) await services.jobs.retry(job.id, `person:${job.personId}`);
}

/** Nothing is left to be looked at, shown or said; moderators look at what is open. */
export async function settle(crowd: Crowd): Promise<void> {
  const { services, random } = crowd;
  while (!(await isQuiet(crowd))) {
    for (const one of await openCases(services.store.db, {})) {
      await services.moderation.decide(one.id, rulingOn(one, random), `person:${personOf(0)}`);
    }
    services.moderation.wake();
    await delay(50);
  }
}

async function isQuiet({ services: { store } }: Crowd): Promise<boolean> {
  const { queued, running, checking, held } = await countJobsByState(store.db);
  if (queued + running + checking + held > 0 || (await openCases(store.db, {})).length > 0) return false;
  if ((await countDeliveries(store.db, 'pending')) > 0) return false;
  return (await nextNoticeAt(store.db)) === undefined && (await standingCards(store.db)).length === 0;
}

async function anyJob({ services: { store }, random }: Crowd): Promise<Job | undefined> {
  return oneOf(await listJobs(store.db, {}, { limit: 1000 }), random);
}

function anyPerson({ orders, random }: Crowd): string {
  return personOf(Math.floor(random() * orders.people));
}

function personOf(index: number): string {
  return `user-${index}`;
}

function oneOf<T>(values: readonly T[], random: () => number): T | undefined {
  return values[Math.floor(random() * values.length)];
}
