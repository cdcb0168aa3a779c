/** Takes a picture away for good: message, rows, files. */
import { setTimeout as delay } from 'node:timers/promises';
import { Refusal } from '../src/errors.ts';
import { addressOf } from '../src/jobs/adapter.ts';
import { removeJob } from '../src/people/remove-job.ts';
import type { Job } from '../src/store/jobs.ts';
import { type Asked, auditName, line, sentence, toAsker } from './asked.ts';
import { encodePressId } from './contract/press-id.ts';
import { isLive } from './press-rights.ts';

/** Asks once more, since nobody can bring it back. */
export async function askToDelete({ words, chat }: Asked, job: Job): Promise<void> {
  const button = {
    label: words.say('button.delete'),
    pressId: encodePressId({ action: 'delete-yes', id: job.id }),
    style: 'danger' as const,
  };
  await chat.answer(toAsker([line(words.say('delete.sure'))], [[button]]));
}

export async function deleteForGood(asked: Asked, job: Job): Promise<void> {
  const { services, words, chat } = asked;
  if (isLive(job.state)) await stop(asked, job.id);
  await removeJob(services.store, job.id, auditName(asked), services.clock());
  const address = addressOf(job.address);
  if (address !== undefined) await chat.deleteMessage(address);
  await chat.answer({ ...sentence(words.say('delete.done')), kind: 'edit-pressed' });
}

const lookEveryMs = 50;
const looks = 100;

/** An engine stops before its next network call; what it still writes must not come after the deletion. */
async function stop(asked: Asked, id: string): Promise<void> {
  const { jobs, signal } = asked.services;
  await jobs.cancel(id, auditName(asked));
  for (let look = 0; look < looks; look++) {
    const job = await jobs.get(id);
    if (job === undefined || !isLive(job.state)) return;
    await delay(lookEveryMs, undefined, { signal });
  }
  throw new Refusal('delete.busy', 'It is just being painted. Press Delete again in a moment.');
}
