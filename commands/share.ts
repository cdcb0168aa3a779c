/** Where pictures are their askers' own at first: looking at one, and showing it to everybody. */
import { shareAfterReview, shareResult } from '../src/jobs/showing.ts';
import { Refusal } from '../src/errors.ts';
import { communitySettingsOf } from '../src/people/settings.ts';
import { picturesOfJob } from '../src/store/pictures.ts';
import { appendAudit } from '../src/store/audit.ts';
import type { Job } from '../src/store/jobs.ts';
import { type Asked, auditName, line, toAsker, toast } from './asked.ts';
import { encodePressId } from './contract/press-id.ts';
import type { ReplyPicture } from './contract/reply.ts';

/** Shows an unshared result to its owner alone. */
export async function see(asked: Asked, job: Job): Promise<void> {
  const { store } = asked.services;
  const { words, chat } = asked;
  const found = (await picturesOfJob(store.db, job.id)).filter(({ state }) => state === 'unshared' || state === 'kept');
  const pictures = found.flatMap(({ pngHash, number, widthPx, heightPx }): ReplyPicture[] => {
    if (pngHash === null || job.state !== 'done') return [];
    const altText = words.say('picture.alt', { prompt: job.prompt, number: number + 1, count: found.length });
    return [{ png: async () => store.blobs.get(pngHash), widthPx, heightPx, altText, isSpoiler: false }];
  });
  if (pictures.length === 0) throw new Refusal('picture.gone', 'This picture is no longer here.');
  const share = {
    label: words.say('button.share'),
    pressId: encodePressId({ action: 'share', id: job.id }),
    style: 'primary' as const,
  };
  await chat.answer({ ...toAsker([line(job.prompt, 'quote')], [[share]]), pictures });
}

export async function share(asked: Asked, job: Job): Promise<void> {
  const { services, person } = asked;
  const { store, clock, moderation } = services;
  await moderation.checkNotSanctioned({ personId: person.id, communityId: job.communityId });
  const at = clock();
  const actor = auditName(asked);
  const isReviewed = (await communitySettingsOf(store, job.communityId)).showing === 'after-review';
  const isShared = await store.transaction(async (tx) => {
    if (isReviewed) return shareAfterReview(tx, job.id, { actor, reason: 'shared', at });
    if (!(await shareResult(tx, job.id, at))) return false;
    const subject = `job:${job.id}`;
    const community = job.communityId;
    await appendAudit(tx, { at, actor, action: 'job.shared', subject, reason: 'asked', detail: {}, community });
    return true;
  });
  services.moderation.wake();
  await toast(asked, isShared ? (isReviewed ? 'share.reviewed' : 'share.done') : 'share.already');
}
