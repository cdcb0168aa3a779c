/** From the menu on a message: its photos are there, the prompt is asked for. */
import { randomUUID } from 'node:crypto';
import { Refusal } from '../src/errors.ts';
import type { Store } from '../src/store/store.ts';
import type { JsonObject } from '../src/store/tables.ts';
import type { Asked } from './asked.ts';
import type { CommandAct, FormAct } from './contract/act.ts';
import { reply } from './contract/reply.ts';
import { cow } from './cow.ts';
import { maxPromptLength } from './table.ts';

/** How long somebody may think about the prompt. */
const keptMs = 60 * 60_000;

const photosOf = (store: Store) => store.keyv<readonly JsonObject[]>('forms:cow-this-photo', keptMs);

export async function cowThisPhoto({ services, person, words, chat }: Asked, { photos }: CommandAct): Promise<void> {
  const references = photos.flatMap(({ reference }) => (reference === undefined ? [] : [reference]));
  if (references.length === 0) {
    throw new Refusal('cow.no-photo-there', 'There is no photo in this message. Use it on a message with a photo.');
  }
  const id = randomUUID();
  await photosOf(services.store).set(`${person.id}:${id}`, references);
  const label = words.say('remix.prompt');
  const prompt = { name: 'prompt', kind: 'paragraph', label, isRequired: true, maxLength: maxPromptLength } as const;
  const title = words.say('command.cow-this-photo.name');
  await chat.answer(
    reply({ kind: 'new', visibility: 'asker', form: { form: 'cow-this-photo', id, title, fields: [prompt] } }),
  );
}

export async function cowThisPhotoFilled(asked: Asked, { id, fields }: FormAct): Promise<void> {
  const references = (await photosOf(asked.services.store).get(`${asked.person.id}:${id}`)) ?? [];
  const photos = references.flatMap((reference) => asked.chat.reopenPhoto(reference) ?? []);
  if (photos.length === 0) throw new Refusal('photo.gone', 'The photo is no longer there. Send it again.');
  await cow(asked, { args: { prompt: fields['prompt'] ?? '' }, photos });
}
