/** A plain answer to "why am I waiting?". */
import type { JobStatus } from '../src/jobs/service.ts';
import type { Job } from '../src/store/jobs.ts';
import { type Asked, line, tell, toAsker } from './asked.ts';
import type { Words } from './languages/languages.ts';
import { waitingRows } from './result-message.ts';
import { chooseUnderWay } from './under-way.ts';

/** @param named the person's only one under way where absent. */
export async function why(asked: Asked, named?: Job): Promise<void> {
  const job = named ?? (await chooseUnderWay(asked, 'why'));
  if (job === undefined) return;
  const status = asked.services.jobs.status(job.id);
  switch (status.kind) {
    case 'waiting':
      return asked.chat.answer(
        toAsker(explained(status.explanation, asked.words), waitingRows(job.id, false, asked.words)),
      );
    case 'painting':
      return tell(asked, 'why.painting');
    case 'retrying':
      return tell(asked, 'why.retrying');
    case 'checking':
      return tell(asked, 'progress.checking');
    case 'ended':
      return tell(asked, 'why.ended');
  }
}

/** Of the weights that have a word of their own. */
function timesName(weight: number): 'double' | 'half' | 'other' {
  return weight === 2 ? 'double' : weight === 0.5 ? 'half' : 'other';
}

type Explanation = Extract<JobStatus, { kind: 'waiting' }>['explanation'];

function explained({ forecast, reasons, weight, usedLastHourMs }: Explanation, words: Words) {
  const { position, startsInMs } = forecast;
  const used =
    usedLastHourMs === 0 ? words.say('why.unused') : words.say('why.used', { time: words.duration(usedLastHourMs) });
  return [
    line(words.say('why.place', { position, start: words.duration(startsInMs) })),
    ...reasons.map((reason) => line(`• ${reasonText(reason, words)}`)),
    ...(weight === 1 ? [] : [line(words.say('why.weight', { weight, times: timesName(weight) }))]),
    line(used, 'small'),
  ];
}

function reasonText(reason: Explanation['reasons'][number], words: Words): string {
  switch (reason.kind) {
    case 'engines-busy': {
      const { running, own, freeInMs } = reason;
      return words.say('why.engines-busy', { running, own, free: words.duration(freeInMs) });
    }
    case 'running-limit':
      return words.say('why.running-limit', { running: reason.running, limit: reason.limit });
    case 'own-jobs-first':
      return words.say('why.own-jobs-first', { pictures: reason.pictures });
    case 'people-here-first':
      return words.say('why.people-here-first', { pictures: reason.pictures, people: reason.people });
    case 'communities-first':
      return words.say('why.communities-first', { pictures: reason.pictures, communities: reason.communities });
    case 'used-elsewhere':
      return words.say('why.used-elsewhere');
  }
}
