/** Takes a picture away for good: message, rows, files. */
import { Refusal } from '../src/errors.ts';
import { stopJob } from '../src/people/remove-job.ts';
import type { Job } from '../src/store/jobs.ts';
import { type Asked, auditName, line, sentence, toAsker } from './asked.ts';
import { encodePressId } from './contract/press-id.ts';
import { jobGone } from './press-rights.ts';

/** How long an engine may take to stop. */
const patienceMs = 5_000;

/** Asks once more, since nobody can bring it back. */
export async function askToDelete({ words, chat }: Asked, job: Job): Promise<void> {
  const button = {
    label: words.say('button.delete'),
    pressId: encodePressId({ action: 'delete-yes', id: job.id }),
    style: 'danger' as const,
  };
  await chat.answer(toAsker([line(words.say('delete.sure'))], [[button]]));
}

/** @throws Refusal `delete.busy`; `job.gone` where somebody else was first. */
export async function deleteForGood(asked: Asked, job: Job): Promise<void> {
  const { services, person, words, chat } = asked;
  await stopJob(
    services,
    job.id,
    auditName(asked),
    AbortSignal.any([services.signal, AbortSignal.timeout(patienceMs)]),
  ).catch((error: unknown) => {
    services.signal.throwIfAborted();
    throw new Refusal('delete.busy', 'It is just being painted. Press Delete again in a moment.', {}, { cause: error });
  });
  const removalId = await services.moderation.deletePicture(job.id, person.id);
  if (removalId === undefined) throw jobGone();
  await services.forgetting.removeMessages([removalId]);
  await chat.answer({ ...sentence(words.say('delete.done')), kind: 'edit-pressed' });
}
