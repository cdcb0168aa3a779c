/** Somebody's recent requests, also those whose result did not reach them. */
import { undeliverableCodes } from '../src/jobs/adapter.ts';
import { picturesOfJob } from '../src/store/pictures.ts';
import { deliveriesOfJob } from '../src/store/deliveries.ts';
import { type Job, listJobs } from '../src/store/jobs.ts';
import { type Asked, line, tell, toAsker } from './asked.ts';
import { encodePressId } from './contract/press-id.ts';
import type { ReplyPicture } from './contract/reply.ts';
import { waitingRows } from './result-message.ts';
import { briefly } from './under-way.ts';

const listed = 10;
const buttonsPerRow = 5;

export async function mine(asked: Asked): Promise<void> {
  const { person, services, words, chat } = asked;
  const jobs = await listJobs(services.store.db, { personId: person.id }, { limit: listed });
  if (jobs.length === 0) return tell(asked, 'mine.none');
  const lines = [line(words.say('mine.title'), 'heading')];
  for (const [i, job] of jobs.entries())
    lines.push(line(`${i + 1}. ${briefly(job.prompt)} (${await stateText(asked, job)})`));
  const buttons = jobs.map(({ id }, i) => ({
    label: String(i + 1),
    pressId: encodePressId({ action: 'show', id }),
    style: 'secondary' as const,
  }));
  const rows = [buttons.slice(0, buttonsPerRow), buttons.slice(buttonsPerRow)].filter((row) => row.length > 0);
  await chat.answer(toAsker([...lines, line(words.say('mine.press'), 'small')], rows));
}

async function stateText({ services, words }: Asked, job: Job): Promise<string> {
  const last = (await deliveriesOfJob(services.store.db, job.id)).at(-1);
  if (last?.state !== 'undeliverable') return words.say(`state.${job.state}`);
  const code = undeliverableCodes.find((known) => known === last.reasonCode);
  const state = words.say('state.undeliverable');
  return code === undefined
    ? state
    : words.say('mine.undeliverable', { state, why: words.say(`undeliverable.${code}`) });
}

/** Shows a result again, to its owner alone. */
export async function show(asked: Asked, job: Job): Promise<void> {
  const { services, words, chat } = asked;
  const { store } = services;
  const kept = (await picturesOfJob(store.db, job.id)).filter(({ state }) => state === 'kept' || state === 'unshared');
  const pictures = kept.flatMap(({ pngHash, number, widthPx, heightPx }): ReplyPicture[] => {
    if (pngHash === null || job.state !== 'done') return [];
    const altText = words.say('picture.alt', { prompt: job.prompt, number: number + 1, count: kept.length });
    return [{ png: () => store.blobs.get(pngHash), widthPx, heightPx, altText, isSpoiler: false }];
  });
  const isWaiting = job.state === 'queued';
  const ended = (['again', 'remix', 'details', 'file', 'delete'] as const)
    .filter((action) => action !== 'file' || pictures.length > 0)
    .map((action) => ({
      label: words.say(`button.${action}`),
      pressId: encodePressId({ action, id: job.id }),
      style: action === 'delete' ? ('danger' as const) : ('secondary' as const),
    }));
  const rows = isWaiting || job.state === 'running' ? waitingRows(job.id, isWaiting, words) : [ended];
  const lines = [line(job.prompt, 'quote'), line(await stateText(asked, job), 'small')];
  await chat.answer({ ...toAsker(lines, rows), pictures });
}
