import { beforeAll, expect, it } from 'vitest';
import { appeal } from '../../src/moderation/cases.ts';
import { decide } from '../../src/moderation/decide.ts';
import { impose } from '../../src/moderation/sanctions.ts';
import { openCases } from '../../src/store/cases.ts';
import type { SanctionKind } from '../../src/store/tables.ts';
import {
  anna,
  bert,
  type Desk,
  mia,
  openDesk,
  painted,
  pictureFiles,
  remembered,
  says,
  stateOf,
} from './small-desk.ts';

let files: readonly Uint8Array<ArrayBuffer>[];
beforeAll(async () => {
  files = await pictureFiles();
});

const codeOf = async (act: Promise<unknown>): Promise<string> =>
  act.then(
    () => 'done',
    (error: { code: string }) => error.code,
  );

const sanctioned = async ({ store }: Desk, personId: string, kind: SanctionKind, at: number) =>
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
  const options = await openDesk();
  await painted(options, 'one', { picture: files[0], photos: [files[1]] });
  const { caseId } = await says(options, 'one', bert, 'me');
  await decide(options, caseId, { decision: actor === 'system' ? 'expired' : 'remove' }, actor);
  expect([await remembered(options, 'farm'), await remembered(options, null)]).toEqual([here, everywhere]);
});

it('follows every photo of the picture that shows somebody, and remembers none of several', async () => {
  const options = await openDesk();
  await painted(options, 'album', { picture: files[0], photos: [files[1], files[2]] });
  await painted(options, 'second', { picture: files[3], photos: [files[2]] });
  await painted(options, 'third', { picture: files[4], photos: [files[5], files[2]] });
  await painted(options, 'other', { picture: files[4], photos: [files[5]] });
  await painted(options, 'elsewhere', { picture: files[4], photos: [files[2]], in: 'town' });
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
  const options = await openDesk();
  await painted(options, 'own', { picture: files[0], state: 'unshared' });
  expect(await codeOf(says(options, 'own', bert, 'minor'))).toBe('report.unshared');
  expect(await openCases(options.store.db, {})).toEqual([]);
  expect(await says(options, 'own', bert, 'me')).toMatchObject({ isNew: true, isHidden: true });
});

it('hears whoever is shown, even where they may not report', async () => {
  const options = await openDesk();
  await painted(options, 'one', { picture: files[0] });
  await sanctioned(options, bert, 'suspend', 5);
  expect(await codeOf(says(options, 'one', bert, 'sexual'))).toBe('sanction.suspended');
  expect(await stateOf(options, 'one')).toBe('done');
  expect(await says(options, 'one', bert, 'me')).toMatchObject({ isHidden: true });
});

it('hides nothing again for whoever was wrong about it, but for others and for whoever is shown', async () => {
  const options = await openDesk();
  await painted(options, 'one', { picture: files[0] });
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
  const options = await openDesk();
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
