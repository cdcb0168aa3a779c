/** A store with people and their pictures, and moderation over it without the bot around it. */
import sharp from 'sharp';
import { onTestFinished } from 'vitest';
import { toRow } from '../../src/jobs/parameters.ts';
import { type CasesOptions, report } from '../../src/moderation/cases.ts';
import { type Checker, createChecker } from '../../src/moderation/checks/checker.ts';
import type { DecideOptions } from '../../src/moderation/decide.ts';
import type { ReportReason } from '../../src/moderation/rules.ts';
import { pictureWish } from '../../src/painting/wish.ts';
import { addBlobRef } from '../../src/store/blob-rows.ts';
import { insertJob, jobById } from '../../src/store/jobs.ts';
import { insertPicture } from '../../src/store/pictures.ts';
import { removedPictures } from '../../src/store/removed-pictures.ts';
import type { PictureState } from '../../src/store/tables.ts';
import { opened, type Place, temporaryFolder } from '../contracts/place.ts';
import { newJob, settle } from '../contracts/rows.ts';
import { photoParts } from './pictures.ts';

export const [anna, bert, mia, olga] = ['anna', 'bert', 'mia', 'olga'];

export type Desk = CasesOptions & DecideOptions;

type File = Uint8Array<ArrayBuffer>;

/** Pictures that nobody takes for each other. */
export async function pictureFiles(): Promise<readonly File[]> {
  const parts = await photoParts([2]);
  const files = parts.map(async ({ rgb, width, height }) => {
    const raw = { width, height, channels: 3 } as const;
    return new Uint8Array(await sharp(rgb, { raw }).png().toBuffer());
  });
  return Promise.all(files);
}

/** Olga runs the bot. @param parts what is there already. */
export async function openDesk(parts: { readonly place?: Place; readonly checker?: Checker } = {}): Promise<Desk> {
  const { place = { dataDir: await temporaryFolder() }, checker = createChecker() } = parts;
  const store = await opened(place);
  await settle(store, [anna, bert, mia, olga]);
  if (parts.checker === undefined) onTestFinished(() => checker.close());
  const operators = new Set(['test:user-olga']);
  return { store, checker, operators, reviewMs: 1_000, clock: () => 10, onStopped: () => {} };
}

/** A result of Anna's. @property picture, photos files. */
export async function painted(
  { store }: Pick<Desk, 'store'>,
  id: string,
  of: {
    readonly picture: File | undefined;
    readonly photos?: readonly (File | undefined)[];
    readonly state?: PictureState;
    readonly in?: string;
  },
): Promise<void> {
  const stored = async (file: File = new Uint8Array()): Promise<string> =>
    (await store.blobs.put(file, 'image/png')).hash;
  const photos: { photo: string }[] = [];
  for (const photo of of.photos ?? []) photos.push({ photo: await stored(photo) });
  const pngHash = await stored(of.picture);
  const wish = pictureWish.parse({ prompt: 'a castle', photos: photos.map(() => ({})), seed: 1 });
  const parameters = toRow({ wish, photos });
  const photoHash = photos[0]?.photo ?? null;
  const communityId = of.in ?? 'farm';
  await insertJob(store.db, { ...newJob(id, { parameters, photoHash, communityId }), state: 'done' });
  await store.transaction(async (tx) => {
    const owner = { ownerKind: 'job', ownerId: id } as const;
    await addBlobRef(tx, { ...owner, hash: pngHash, role: 'png:0' });
    for (const { photo } of photos) await addBlobRef(tx, { ...owner, hash: photo, role: 'photo' });
    await insertPicture(tx, {
      jobId: id,
      number: 0,
      state: of.state ?? 'kept',
      seed: 1,
      widthPx: 384,
      heightPx: 384,
      pngHash,
      previewHash: null,
      latentsHash: null,
      engineMs: 1,
      createdAt: 1,
    });
  });
}

export const says = async (desk: Desk, jobId: string, personId: string, reason: ReportReason) =>
  report(desk, { jobId, personId, reason });

export const stateOf = async ({ store }: Pick<Desk, 'store'>, id: string) => (await jobById(store.db, id))?.state;

/** How many pictures stay away from a community (null: from everywhere). */
export const remembered = async ({ store }: Pick<Desk, 'store'>, communityId: string | null): Promise<number> =>
  (await removedPictures(store.db, { communityId })).length;
