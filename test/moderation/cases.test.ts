import sharp from 'sharp';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { toRow } from '../../src/jobs/parameters.ts';
import { appeal, type CasesOptions, report } from '../../src/moderation/cases.ts';
import { createChecker } from '../../src/moderation/checks/checker.ts';
import { decide, type DecideOptions } from '../../src/moderation/decide.ts';
import type { ReportReason } from '../../src/moderation/rules.ts';
import { impose } from '../../src/moderation/sanctions.ts';
import { pictureWish } from '../../src/painting/wish.ts';
import { addBlobRef } from '../../src/store/blob-rows.ts';
import { openCases } from '../../src/store/cases.ts';
import { insertJob, jobById } from '../../src/store/jobs.ts';
import { insertPicture } from '../../src/store/pictures.ts';
import { removedPictures } from '../../src/store/removed-pictures.ts';
import type { PictureState, SanctionKind } from '../../src/store/tables.ts';
import { opened, temporaryFolder } from '../contracts/place.ts';
import { newJob, settle } from '../contracts/rows.ts';
import { createPictures } from './pictures.ts';

const [anna, bert, mia, olga] = ['anna', 'bert', 'mia', 'olga'];

let files: readonly Uint8Array[];
beforeAll(async () => {
  // Before anything is read as a photo: from then on sharp takes no drawings.
  const { removable } = await createPictures();
  files = await Promise.all(
    removable.slice(0, 6).map(({ rgb, width, height }) =>
      sharp(rgb, { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer(),
    ),
  );
});

async function desk(): Promise<CasesOptions & DecideOptions> {
  const store = await opened({ dataDir: await temporaryFolder() });
  await settle(store, [anna, bert, mia, olga]);
  const checker = createChecker();
  onTestFinished(() => checker.close());
  const operators = new Set(['test:user-olga']);
  return { store, checker, operators, reviewMs: 1_000, clock: () => 10, onStopped: () => {} };
}

/** A result of Anna's; the files by their places in `files`. */
async function painted(
  { store }: CasesOptions,
  id: string,
  of: {
    readonly picture: number;
    readonly photos?: readonly number[];
    readonly state?: PictureState;
    readonly in?: string;
  },
): Promise<void> {
  const stored = async (at: number): Promise<string> =>
    (await store.blobs.put(files[at] ?? new Uint8Array(), 'image/png')).hash;
  const photos: { photo: string }[] = [];
  for (const at of of.photos ?? []) photos.push({ photo: await stored(at) });
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

const codeOf = async (act: Promise<unknown>): Promise<string> =>
  act.then(
    () => 'done',
    (error: { code: string }) => error.code,
  );

const says = async (options: CasesOptions, jobId: string, personId: string, reason: ReportReason) =>
  report(options, { jobId, personId, reason });

const stateOf = async ({ store }: CasesOptions, id: string) => (await jobById(store.db, id))?.state;

const remembered = async ({ store }: CasesOptions, communityId: string | null): Promise<number> =>
  (await removedPictures(store.db, { communityId })).length;

const sanctioned = async ({ store }: CasesOptions, personId: string, kind: SanctionKind, at: number) =>
  store.transaction(async (tx) =>
    impose(tx, {
      kind,
      personId,
      communityId: 'farm',
      caseId: null,
      reason: 'x',
      imposedBy: 'system',
      at,
      until: at + 99,
    }),
  );

it.each([
  ['person:mia', 2, 0],
  ['system', 2, 0],
  ['person:olga', 0, 2],
])('keeps what %s removes because it shows somebody away here, or everywhere', async (actor, here, everywhere) => {
  const options = await desk();
  await painted(options, 'one', { picture: 0, photos: [1] });
  const { caseId } = await says(options, 'one', bert, 'me');
  await decide(options, caseId, { decision: actor === 'system' ? 'expired' : 'remove' }, actor);
  expect([await remembered(options, 'farm'), await remembered(options, null)]).toEqual([here, everywhere]);
});

it('follows every photo of the picture that shows somebody, and remembers none of several', async () => {
  const options = await desk();
  await painted(options, 'album', { picture: 0, photos: [1, 2] });
  await painted(options, 'second', { picture: 3, photos: [2] });
  await painted(options, 'third', { picture: 4, photos: [5, 2] });
  await painted(options, 'other', { picture: 4, photos: [5] });
  await painted(options, 'elsewhere', { picture: 4, photos: [2], in: 'town' });
  const { caseId } = await says(options, 'album', bert, 'me');
  await decide(options, caseId, { decision: 'remove' }, 'person:mia');
  const ids = ['album', 'second', 'third', 'other', 'elsewhere'];
  expect(await Promise.all(ids.map((id) => stateOf(options, id)))).toEqual([
    'removed',
    'removed',
    'removed',
    'done',
    'done',
  ]);
  expect(await remembered(options, 'farm')).toBe(3);
});

it('lets nobody judge what only its owner sees, unless it shows them', async () => {
  const options = await desk();
  await painted(options, 'own', { picture: 0, state: 'unshared' });
  expect(await codeOf(says(options, 'own', bert, 'minor'))).toBe('report.unshared');
  expect(await openCases(options.store.db, {})).toEqual([]);
  expect(await says(options, 'own', bert, 'me')).toMatchObject({ isNew: true, isHidden: true });
});

it('hears whoever is shown, even where they may not report', async () => {
  const options = await desk();
  await painted(options, 'one', { picture: 0 });
  await sanctioned(options, bert, 'suspend', 5);
  expect(await codeOf(says(options, 'one', bert, 'sexual'))).toBe('sanction.suspended');
  expect(await stateOf(options, 'one')).toBe('done');
  expect(await says(options, 'one', bert, 'me')).toMatchObject({ isHidden: true });
});

it('hides nothing again for whoever was wrong about it, but for others and for whoever is shown', async () => {
  const options = await desk();
  await painted(options, 'one', { picture: 0 });
  const approve = async (caseId: string) => decide(options, caseId, { decision: 'approve' }, 'person:mia');
  await approve((await says(options, 'one', bert, 'sexual')).caseId);
  const again = await says(options, 'one', bert, 'sexual');
  expect(again).toMatchObject({ isNew: true, isHidden: false });
  await approve(again.caseId);
  const shown = await says(options, 'one', bert, 'me');
  expect(shown).toMatchObject({ isHidden: true });
  await approve(shown.caseId);
  expect(await says(options, 'one', bert, 'me')).toMatchObject({ isHidden: false });
  expect(await says(options, 'one', mia, 'sexual')).toMatchObject({ isHidden: true });
});

it('takes an appeal against what hinders most, one for each, and a denial is the last word', async () => {
  const options = await desk();
  const ban = await sanctioned(options, anna, 'ban', 1);
  const mute = await sanctioned(options, anna, 'mute', 2);
  await sanctioned(options, anna, 'warn', 3);
  const appeals = async () => codeOf(appeal(options, { personId: anna, communityId: 'farm', text: 'sorry' }));
  const against = async () => new Set((await openCases(options.store.db, {})).map(({ sanctionId }) => sanctionId));
  expect(await appeals()).toBe('done');
  expect(await against()).toEqual(new Set([ban]));
  expect(await appeals()).toBe('done');
  expect(await against()).toEqual(new Set([ban, mute]));
  expect(await appeals()).toBe('appeal.open');
  for (const { id } of await openCases(options.store.db, {}))
    await decide(options, id, { decision: 'deny' }, 'person:mia');
  expect(await appeals()).toBe('appeal.final');
});
