/** From what was asked to a job in the queue: placeholder first, then photos and checks, then the database. */
import { randomUUID } from 'node:crypto';
import { Refusal } from '../src/errors.ts';
import type { Address } from '../src/jobs/adapter.ts';
import { queuedProgress } from '../src/jobs/waiting-notes.ts';
import type { JobParameters } from '../src/jobs/parameters.ts';
import type { SubmittedPhoto } from '../src/jobs/submission.ts';
import type { PictureWish } from '../src/painting/wish.ts';
import { hasConsented } from '../src/people/consent.ts';
import { isAtLeast, weightByRoles } from '../src/people/roles.ts';
import { countJobs, type Job, jobByIdempotencyKey } from '../src/store/jobs.ts';
import { actIdOf, type Asked, line } from './asked.ts';
import { askConsent } from './consent.ts';
import type { Act } from './contract/act.ts';
import { reply } from './contract/reply.ts';
import { withPresentation } from './presentation.ts';
import { waitingRows } from './result-message.ts';
import { forgetPlaceholder, rememberPlaceholder } from './unanswered.ts';

export interface JobRequest {
  /** Two requests of one key are one job. */
  readonly key: string;
  readonly wish: PictureWish;
  /** Called when the placeholder stands; may be slow. */
  readonly photos: (signal: AbortSignal) => Promise<readonly SubmittedPhoto[] | JobParameters['photos']>;
  readonly parentId?: string;
  readonly restart?: JobParameters['restart'];
  /** What is done once somebody new has agreed to the terms, where it is not the act itself. */
  readonly act?: Act;
}

/** The key of a request that comes from the platform's own event. */
export function requestKey({ actor, requestId }: Asked): string {
  return `${actor.platform}:${requestId}`;
}

/**
 * @throws Refusal before the placeholder where the person may not ask here, after it where photo, wish or queue say no.
 */
export async function startJob(asked: Asked, request: JobRequest): Promise<void> {
  const { services, actor } = asked;
  const { store } = services;
  if ((await jobByIdempotencyKey(store.db, request.key)) !== undefined) return;
  if (await services.once.hasMade(actIdOf(asked))) return;
  if (!(await mayStart(asked, request.act))) return;
  const jobId = randomUUID();
  const arrival = Promise.withResolvers<void>();
  // Before its buttons can be pressed.
  services.arriving.set(jobId, arrival.promise);
  try {
    const address = await placeholder(asked, request, jobId);
    const job = await services.takeIn(async () => submitted(asked, request, address, jobId));
    // Somebody asked for the same at the same moment, and theirs is the job.
    if (job.id !== jobId) await asked.chat.deleteMessage(address);
    else {
      services.log.info({ job: job.id, platform: actor.platform, pictures: job.count }, 'A request was taken in.');
      showPlace(asked, job);
    }
  } finally {
    services.arriving.delete(jobId);
    arrival.resolve();
    await forgetPlaceholder(store, actor.platform, request.key);
  }
}

/**
 * What holds for everything that is painted, new or tried again. Whoever has not agreed to the terms has been asked.
 * @param act what goes on once they agree, where it is not what was asked for.
 * @returns whether they have agreed.
 * @throws Refusal where pictures are not to be asked for here, by this person, now.
 */
export async function mayStart(asked: Asked, act: Act = asked.act): Promise<boolean> {
  await checkAllowed(asked);
  if (await hasConsented(asked.services.store, asked.person.id)) return true;
  await askConsent(asked, act);
  return false;
}

async function submitted(
  { services, actor, scene, person, community }: Asked,
  { key, wish, parentId, restart, ...request }: JobRequest,
  address: Address,
  id: string,
): Promise<Job> {
  const { jobs, moderation, weights, signal } = services;
  const [personId, communityId] = [person.id, community.id];
  const photos = await request.photos(signal);
  const looked = photos.map(({ photo }) => photo);
  const hold = await moderation.lookAtWish({ personId, communityId, prompt: wish.prompt, photos: looked }, signal);
  const weight = weightByRoles({ ...scene, isOperator: false, userId: actor.userId }, community.settings);
  await weights.follow({ community: communityId, person: personId }, weight);
  const { platform } = actor;
  const asked = { id, idempotencyKey: key, personId, communityId, platform, address };
  return (await jobs.submit({ ...asked, wish, photos, parentId, restart, hold })).job;
}

/** Says in a job's placeholder where it stands in the queue. */
export function showPlace({ services: { jobs, progress } }: Asked, job: Job): void {
  const place = jobs.place(job.id);
  if (place === undefined) return;
  progress.show(job, queuedProgress(place));
}

/** @throws Refusal where pictures are not to be asked for here, by this person, now. */
async function checkAllowed({ scene, person, community, services: { store, moderation } }: Asked): Promise<void> {
  await moderation.checkNotSanctioned({ personId: person.id, communityId: community.id });
  const { channels, who, maxWaiting } = community.settings;
  const places = [scene.channelId, scene.threadId];
  if (channels.length > 0 && !channels.some((channel) => places.includes(channel))) {
    throw new Refusal('community.channel', 'Pictures are asked for in other channels here. Try one of those.');
  }
  if (!isAtLeast(person.role, who)) {
    throw new Refusal('community.who', 'Only some members may ask for pictures here. Try in a private chat with me.');
  }
  if (maxWaiting === undefined) return;
  const filter = { personId: person.id, communityId: community.id, states: ['queued'] } as const;
  if ((await countJobs(store.db, filter)) < maxWaiting) return;
  throw new Refusal(
    'community.full',
    `${maxWaiting} of your requests wait here already, and that is the limit. Cancel one, or ask again later.`,
    { limit: maxWaiting },
  );
}

/** In a group they are off until its managers want them: Telegram counts every edit, and all see what nobody has looked at. */
function hasPreviews(
  { kind }: Asked['scene'],
  own: Asked['person']['settings'],
  here: Asked['community']['settings'],
): boolean {
  return (own.hasPreviews ?? true) && (here.hasPreviews ?? kind === 'private');
}

async function placeholder(asked: Asked, { key, wish }: JobRequest, jobId: string): Promise<Address> {
  const { services, actor, words, chat, person, community, scene } = asked;
  const { store } = services;
  const lines = [line(words.say('progress.accepted'))];
  const rows = waitingRows(jobId, true, words);
  const address = withPresentation(await chat.acknowledge(reply({ kind: 'new', visibility: 'all', lines, rows })), {
    jobId,
    language: words.language,
    askerId: actor.userId,
    askerName: actor.displayName,
    isSpoiler: community.settings.isSpoiler,
    count: wish.count,
    isPrivate: scene.kind === 'private',
    hasPreviews: hasPreviews(scene, person.settings, community.settings),
  });
  await rememberPlaceholder(store, actor.platform, key, address);
  await services.once.makes(actIdOf(asked), jobId);
  return address;
}
