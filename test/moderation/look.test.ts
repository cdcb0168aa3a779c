import { randomUUID } from 'node:crypto';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import sharp from 'sharp';
import { toRow } from '../../src/jobs/parameters.ts';
import { pictureWish } from '../../src/painting/wish.ts';

import { createChecker } from '../../src/moderation/checks/checker.ts';
import { describePicture } from '../../src/moderation/hashes/describe.ts';
import { lookAtResult, lookAtWish, type LookOptions } from '../../src/moderation/look.ts';
import { Photos } from '../../src/moderation/photos.ts';
import { exportRemoved, importRemoved, RemovedPictures, rememberRemoved } from '../../src/moderation/removed.ts';
import { changeCommunitySettings } from '../../src/people/settings.ts';
import { insertJob } from '../../src/store/jobs.ts';
import type { Store } from '../../src/store/store.ts';
import { opened, temporaryFolder } from '../contracts/place.ts';
import { newJob, settle } from '../contracts/rows.ts';
import { copies, photoParts, type TestPicture } from './pictures.ts';

const patient = new AbortController().signal;
const fewCopies = Object.entries(copies).filter((_, index) => index % 4 === 0);

let removable: readonly TestPicture[];
let different: readonly TestPicture[];
beforeAll(async () => {
  const parts = await photoParts([3]);
  [removable, different] = [parts.slice(0, 4), parts.slice(4)];
});

async function looking(): Promise<LookOptions> {
  const store = await opened({ dataDir: await temporaryFolder() });
  await settle(store);
  // The classifier has tests of its own.
  for (const community of ['farm', 'town']) {
    await store.transaction(async (tx) =>
      changeCommunitySettings(tx, community, (here) => ({ ...here, strictness: 'off' })),
    );
  }
  const checker = createChecker();
  onTestFinished(() => checker.close());
  const parts = { removed: new RemovedPictures(store), photos: new Photos(store, checker) };
  return { store, checker, ...parts, mayBeUnchecked: true, clock: Date.now };
}

async function remove(store: Store, { rgb, width, height }: TestPicture, communityId: string): Promise<void> {
  const hashes = await describePicture(rgb, width, height);
  await store.transaction(async (tx) => rememberRemoved(tx, [hashes], { communityId, at: 1 }));
}

async function fileOf({ rgb, width, height }: TestPicture): Promise<Uint8Array> {
  return sharp(rgb, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** What becomes of a wish to paint around a photo: `allow`, or the code of the refusal. */
async function wishFor(options: LookOptions, photo: TestPicture, communityId: string): Promise<string> {
  const wish = { personId: 'anna', communityId, prompt: 'a castle', photos: [await fileOf(photo)] };
  return lookAtWish(options, wish, patient).then(
    () => 'allow',
    (error: { code: string }) => error.code,
  );
}

async function resultOf(options: LookOptions, picture: TestPicture, communityId: string, photo?: string) {
  const wish = pictureWish.parse({ prompt: 'a castle', photos: photo === undefined ? [] : [{}], seed: 1 });
  const parameters = toRow({ wish, photos: photo === undefined ? [] : [{ photo }] });
  const id = randomUUID();
  const { job } = await insertJob(options.store.db, newJob(id, { communityId, parameters }));
  const painted = { ...picture, latents: new Float32Array(), seed: 1 };
  const verdict = await lookAtResult(options, { picture: painted }, job, patient);
  return verdict.kind === 'refuse' ? verdict.code : verdict.kind;
}

it('knows copies of what was removed here, as photos and as results, and nothing else', async () => {
  const options = await looking();
  const gone = removable.slice(0, 3);
  expect(await wishFor(options, gone[0] ?? fail(), 'farm')).toBe('allow');
  for (const picture of gone) await remove(options.store, picture, 'farm');
  for (const picture of gone) {
    for (const [name, copy] of fewCopies) {
      const again = await copy(picture);
      expect([name, await wishFor(options, again, 'farm')]).toEqual([name, 'photo.removed-before']);
      expect([name, await resultOf(options, again, 'farm')]).toEqual([name, 'picture.removed-before']);
    }
    expect(await wishFor(options, picture, 'town')).toBe('allow');
  }
  for (const picture of different.slice(0, 20)) {
    expect(await wishFor(options, picture, 'farm')).toBe('allow');
    expect(await resultOf(options, picture, 'farm')).toBe('allow');
  }
});

it('takes over what another community knows, at once', async () => {
  const options = await looking();
  const [picture = fail()] = removable;
  await remove(options.store, picture, 'farm');
  expect(await wishFor(options, picture, 'town')).toBe('allow');
  const list = await exportRemoved(options.store, 'farm');
  expect(await importRemoved(options.store, list, { communityId: 'town', at: 2 })).toBe(1);
  expect(await wishFor(options, picture, 'town')).toBe('photo.removed-before');
});

it('shows nothing that was painted from a photo which was removed while it waited', async () => {
  const options = await looking();
  const [photo = fail()] = removable;
  const [result = fail()] = different;
  const { hash } = await options.store.blobs.put(await fileOf(photo), 'image/png');
  expect(await resultOf(options, result, 'farm', hash)).toBe('allow');
  await remove(options.store, photo, 'farm');
  expect(await resultOf(options, result, 'farm', hash)).toBe('photo.removed-before');
});

function fail(): never {
  throw new Error('There are no test pictures.');
}
