/** Which of somebody's jobs a command without a name is about. */
import type { Job } from '../src/store/jobs.ts';
import { listJobs } from '../src/store/jobs.ts';
import { type Asked, line, tell, toAsker } from './asked.ts';
import { encodePressId } from './contract/press-id.ts';

/** As many as rows of buttons go under a message. */
const mostOffered = 5;

/**
 * The one job of the person's that is under way; undefined where there is none or there are several: then whoever asked
 * has been told, or asked which.
 */
export async function chooseUnderWay(asked: Asked, action: 'cancel' | 'why'): Promise<Job | undefined> {
  const { person, services, words, chat } = asked;
  const filter = { personId: person.id, states: ['queued', 'running'] } as const;
  const jobs = await listJobs(services.store.db, filter, { limit: mostOffered });
  if (jobs.length === 0) {
    await tell(asked, 'under-way.none');
    return undefined;
  }
  if (jobs.length === 1) return jobs[0];
  const rows = jobs.map(({ id, prompt }) => [
    { label: briefly(prompt), pressId: encodePressId({ action, id }), style: 'secondary' as const },
  ]);
  await chat.answer(toAsker([line(words.say('under-way.which'))], rows));
  return undefined;
}

const labelLength = 40;

/** A prompt as a button or a list shows it; never half a character. */
export function briefly(prompt: string): string {
  const text = prompt.replaceAll(/\s+/g, ' ').trim();
  const characters = Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
  return characters.length > labelLength ? `${characters.slice(0, labelLength - 1).join('')}…` : text;
}
