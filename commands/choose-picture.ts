/** Which of a job's pictures a press is about. */
import { Refusal } from '../src/errors.ts';
import type { Job } from '../src/store/jobs.ts';
import { type Picture, picturesOfJob } from '../src/store/pictures.ts';
import { type Asked, line, toAsker } from './asked.ts';
import { encodePressId, type PressId } from './contract/press-id.ts';

/**
 * The picture that the press names or the only one there is; undefined where there are several: then whoever pressed has
 * been asked which.
 * @throws Refusal `picture.none`, `picture.gone`
 */
export async function choosePicture(asked: Asked, job: Job, press: PressId): Promise<Picture | undefined> {
  const kept = (await picturesOfJob(asked.services.store.db, job.id)).filter(
    ({ state }) => state === 'kept' || (state === 'unshared' && job.personId === asked.person.id),
  );
  if (job.state !== 'done' || kept.length === 0) {
    throw new Refusal('picture.none', 'There is no picture here to go on from. Ask for a new one with /cow.');
  }
  const number = press.extra?.split('.')[0];
  if (number === undefined && kept.length > 1) {
    await askWhich(asked, kept, press);
    return undefined;
  }
  const picture = number === undefined ? kept[0] : kept.find((one) => String(one.number) === number);
  if (picture === undefined) throw new Refusal('picture.gone', 'This picture is no longer here.');
  return picture;
}

async function askWhich(asked: Asked, pictures: readonly Picture[], { action, id }: PressId): Promise<void> {
  const { words, chat } = asked;
  const row = pictures.map(({ number }) => ({
    label: String(number + 1),
    pressId: encodePressId({ action, id, extra: String(number) }),
    style: 'secondary' as const,
  }));
  const rows = [row.slice(0, 4), row.slice(4)].filter((part) => part.length > 0);
  await chat.answer(toAsker([line(words.say('picture.which'))], rows));
}
