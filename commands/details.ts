/** How a picture came about. */
import { parametersOf } from '../src/jobs/parameters.ts';
import { type Job, jobById } from '../src/store/jobs.ts';
import { picturesOfJob } from '../src/store/pictures.ts';
import { type Asked, line, toAsker } from './asked.ts';
import type { Line } from './contract/reply.ts';
import type { MessageKey } from './languages/languages.ts';
import { briefly } from './under-way.ts';

/** Where nobody set one. */
const usualBalance = 3;
const mostAncestors = 5;

export async function details(asked: Asked, job: Job): Promise<void> {
  const { words, services, chat } = asked;
  const { wish } = parametersOf(job);
  const pictures = await picturesOfJob(services.store.db, job.id);
  const seeds = pictures.length > 0 ? pictures.map(({ seed }) => seed) : [job.seed];
  const { startedAt, submittedAt, engineMs } = job;
  const fact = (key: MessageKey, value: string): Line => ({
    kind: 'plain',
    spans: [{ kind: 'strong', text: words.say(key) }, ' ', value],
  });
  const lines: readonly Line[] = [
    line(job.prompt, 'quote'),
    fact('details.seed', seeds.join(', ')),
    fact('details.model', job.model),
    fact('details.balance', `${wish.balance ?? usualBalance} / 5`),
    ...(startedAt === null ? [] : [fact('details.queued', words.duration(startedAt - submittedAt))]),
    ...(engineMs === 0 ? [] : [fact('details.engine', words.duration(engineMs))]),
    { kind: 'small', spans: [words.say('details.picture'), ' ', { kind: 'code', text: job.id }] },
    ...(await lineage(asked, job)).map((prompt) => fact('details.from', prompt)),
  ];
  await chat.answer(toAsker(lines));
}

/** The prompts of the same person that it goes back to, the nearest first; none of what was removed or is looked at. */
async function lineage({ services: { store } }: Asked, job: Job): Promise<readonly string[]> {
  const prompts: string[] = [];
  let { parentId } = job;
  while (parentId !== null && prompts.length < mostAncestors) {
    const parent = await jobById(store.db, parentId);
    if (parent === undefined) break;
    const pictures = await picturesOfJob(store.db, parent.id);
    const isShown = pictures.every(({ state }) => state === 'kept' || state === 'unshared');
    if (isShown && parent.personId === job.personId) prompts.push(briefly(parent.prompt));
    ({ parentId } = parent);
  }
  return prompts;
}
