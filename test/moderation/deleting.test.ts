import { beforeAll, describe, expect, it } from 'vitest';
import { withFaultPoints } from '../../bench/crash/fault-points.ts';
import { toRow } from '../../src/jobs/parameters.ts';
import { decide } from '../../src/moderation/decide.ts';
import { deletePicture } from '../../src/moderation/deleting.ts';
import type { ReportReason } from '../../src/moderation/rules.ts';
import { overdueRuling } from '../../src/moderation/ruling.ts';
import { pictureWish } from '../../src/painting/wish.ts';
import { sweepAfterDeath } from '../../src/people/forget.ts';
import { auditPage, verifyAudit } from '../../src/store/audit.ts';
import { type Case, caseById, openCases, overdueCases } from '../../src/store/cases.ts';
import { dueRemovals } from '../../src/store/forgettings.ts';
import { insertJob } from '../../src/store/jobs.ts';
import { toObject } from '../../src/store/json.ts';
import { activeSanctions } from '../../src/store/sanctions.ts';
import { byteNeedles, foundIn, textNeedles } from '../contracts/data-folder.ts';
import { temporaryFolder } from '../contracts/place.ts';
import { newJob } from '../contracts/rows.ts';
import {
  anna,
  bert,
  type Desk,
  mia,
  olga,
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

/** A picture of Anna's of which there is a case. @returns the case's id. */
async function reported(desk: Desk, reason: ReportReason = 'hate'): Promise<string> {
  await painted(desk, 'one', { picture: files[0], photos: [files[1]] });
  return (await says(desk, 'one', bert, reason)).caseId;
}

/** What people are to be told: `outcome bert remove`. */
async function news({ store }: Desk): Promise<readonly string[]> {
  const told = await store.db.selectFrom('notices').select(['kind', 'personId', 'detail']).execute();
  return told.flatMap(({ kind, personId, detail }) => {
    const [what = ''] = Object.values(toObject(detail, 'notices.detail'));
    return personId === null ? [] : [`${kind} ${personId} ${typeof what === 'string' ? what : ''}`.trim()];
  });
}

async function caseOf({ store }: Desk, id: string): Promise<Case | undefined> {
  return caseById(store.db, id);
}

async function expectGone({ store }: Desk): Promise<void> {
  for (const table of ['jobs', 'pictures', 'blobs', 'blobRefs'] as const) {
    expect([table, await store.db.selectFrom(table).selectAll().execute()]).toEqual([table, []]);
  }
  expect(await dueRemovals(store.db, { now: 99, limit: 9 })).toMatchObject([{ address: { chat: '7' } }]);
}

describe('a moderator’s Delete', () => {
  it('decides the case that there is, and everybody hears of it', async () => {
    const desk = await openDesk();
    const caseId = await reported(desk);
    expect(await deletePicture(desk, 'one', mia)).toEqual(expect.any(String));
    expect(await caseOf(desk, caseId)).toMatchObject({ decision: 'remove', decidedBy: 'person:mia' });
    await expectGone(desk);
    // The photo may be used for much else.
    expect([await remembered(desk, 'farm'), await remembered(desk, null)]).toEqual([1, 0]);
    expect((await news(desk)).toSorted()).toEqual(['outcome bert remove', 'removed anna']);
    const trail = await auditPage(desk.store.db, { community: 'farm' }, { limit: 2 });
    expect(trail).toMatchObject([
      { action: 'job.deleted', actor: 'person:mia', reason: 'case.remove', detail: { case: caseId } },
      { action: 'case.decided', actor: 'person:mia', reason: 'hate', detail: { decision: 'remove' } },
    ]);
  });

  it('is a case of its own where nobody reported the picture, and none where there never was one', async () => {
    const desk = await openDesk();
    await painted(desk, 'one', { picture: files[0] });
    const parameters = toRow({ wish: pictureWish.parse({ prompt: 'a castle', photos: [], seed: 1 }), photos: [] });
    await insertJob(desk.store.db, newJob('failed', { state: 'failed', parameters }));
    await deletePicture(desk, 'one', olga);
    await deletePicture(desk, 'failed', olga);
    const cases = await desk.store.db.selectFrom('cases').selectAll().execute();
    expect(cases).toMatchObject([{ jobId: 'one', decision: 'remove', decidedBy: 'person:olga', reason: 'moderator' }]);
    expect([await remembered(desk, 'farm'), await remembered(desk, null)]).toEqual([1, 0]);
    expect(await news(desk)).toEqual(['removed anna']);
    expect(await deletePicture(desk, 'one', mia)).toBeUndefined();
  });

  it('reaches as far as the case: what else shows somebody goes too, and an operator’s word counts everywhere', async () => {
    const desk = await openDesk();
    await painted(desk, 'other', { picture: files[2], photos: [files[1]] });
    await reported(desk, 'me');
    await deletePicture(desk, 'one', olga);
    expect([await stateOf(desk, 'one'), await stateOf(desk, 'other')]).toEqual([undefined, 'removed']);
    expect(await remembered(desk, null)).toBe(3);
  });

  it.each([
    ['first', true],
    ['second', false],
  ])('that comes %s beside a Ban is one ruling with it', async (_, isFirst) => {
    const desk = await openDesk();
    const caseId = await reported(desk);
    const acts = [
      async () => deletePicture(desk, 'one', mia),
      async () => decide(desk, caseId, { decision: 'ban' }, 'person:olga'),
    ];
    await Promise.all((isFirst ? acts : acts.toReversed()).map((act) => act()));
    const one = await caseOf(desk, caseId);
    const banned = (await activeSanctions(desk.store.db, { personId: anna, at: 99 })).map(({ kind }) => kind);
    const state = await stateOf(desk, 'one');
    expect([one?.decision, banned, state]).toEqual(
      one?.decision === 'remove' ? ['remove', [], undefined] : ['ban', ['ban'], 'removed'],
    );
    expect(await remembered(desk, 'farm')).toBe(1);
    const decisions = await auditPage(desk.store.db, { action: 'case.decided' }, { limit: 9 });
    expect(decisions).toHaveLength(1);
  });
});

describe('an owner’s Delete', () => {
  it('leaves the case open, and a ruling knows the picture again', async () => {
    const desk = await openDesk();
    const caseId = await reported(desk, 'minor');
    await deletePicture(desk, 'one', anna);
    await expectGone(desk);
    expect(await caseOf(desk, caseId)).toMatchObject({ state: 'open', dueAt: 1_010, remains: expect.any(String) });
    expect(await remembered(desk, 'farm')).toBe(0);
    await decide(desk, caseId, { decision: 'ban' }, 'person:mia');
    expect(await caseOf(desk, caseId)).toMatchObject({ decision: 'ban', remains: null });
    expect(await remembered(desk, 'farm')).toBe(2);
    expect(await news(desk)).toEqual(expect.arrayContaining(['sanction anna ban', 'outcome bert remove']));
  });

  it('keeps nothing of a picture that is found to be harmless, or that nobody has looked at in time', async () => {
    for (const ruling of [{ decision: 'approve' } as const, undefined]) {
      const desk = await openDesk();
      const caseId = await reported(desk);
      await deletePicture(desk, 'one', anna);
      const [overdue] = await overdueCases(desk.store.db, 1_010, 1);
      if (overdue === undefined) throw new Error('The case has no end.');
      await decide(desk, caseId, ruling ?? overdueRuling(overdue), 'person:mia');
      expect(await caseOf(desk, caseId)).toMatchObject({ state: 'decided', remains: null });
      expect(await remembered(desk, 'farm')).toBe(0);
      expect(await news(desk)).toEqual(['outcome bert withdrawn']);
    }
  });

  it('keeps no promise from whoever is shown: in time the photo stays away, and what else was made of it goes', async () => {
    const desk = await openDesk();
    await painted(desk, 'other', { picture: files[2], photos: [files[1]] });
    const caseId = await reported(desk, 'me');
    const before = await caseOf(desk, caseId);
    await deletePicture(desk, 'one', anna);
    const after = await caseOf(desk, caseId);
    expect(after?.dueAt).toBe(before?.dueAt);
    if (after !== undefined) await decide(desk, caseId, overdueRuling(after), 'system');
    expect(await stateOf(desk, 'other')).toBe('removed');
    expect(await remembered(desk, 'farm')).toBe(3);
  });

  it('is found by nobody’s case where there is none', async () => {
    const desk = await openDesk();
    await painted(desk, 'one', { picture: files[0] });
    await deletePicture(desk, 'one', anna);
    await expectGone(desk);
    expect(await openCases(desk.store.db, {})).toEqual([]);
  });
});

class Death extends Error {}

describe('a bot that dies while somebody deletes', () => {
  /** @returns where it died, after so many writes; undefined where it lived to the end. */
  const dieAfter = async (writes: number, personId: string, { checker }: Desk): Promise<string | undefined> => {
    const place = { dataDir: await temporaryFolder() };
    const desk = await openDesk({ place, checker });
    const caseId = await reported(desk);
    let passed = 0;
    let diedAt: string | undefined;
    const store = withFaultPoints(desk.store, (name) => {
      passed += 1;
      if (passed <= writes) return;
      diedAt ??= name;
      throw new Death();
    });
    await deletePicture({ ...desk, store }, 'one', personId).catch((error: unknown) => {
      if (!(error instanceof Death)) throw error;
    });
    await desk.store.close();
    const next = await openDesk({ place, checker });
    await sweepAfterDeath(next.store);
    await next.store.scrub();
    expect((await verifyAudit(next.store.db)).brokenAt).toBeUndefined();
    const one = await caseOf(next, caseId);
    if ((await stateOf(next, 'one')) === 'done') {
      expect(one).toMatchObject({ state: 'open', remains: null });
      expect(await news(next)).toEqual([]);
      await deletePicture(next, 'one', personId);
    }
    await expectGone(next);
    const [picture = [], photo = []] = files;
    const needles = {
      ...textNeedles('prompt', newJob('one').prompt),
      ...byteNeedles('picture', Buffer.from(picture)),
      ...byteNeedles('photo', Buffer.from(photo)),
    };
    expect(await foundIn(place.dataDir, needles)).toEqual([]);
    const isRuling = personId === mia;
    expect(await caseOf(next, caseId)).toMatchObject({ decision: isRuling ? 'remove' : null });
    expect((await news(next)).toSorted()).toEqual(isRuling ? ['outcome bert remove', 'removed anna'] : []);
    expect(await remembered(next, 'farm')).toBe(isRuling ? 1 : 0);
    return diedAt;
  };

  it.each([anna, mia])(
    '(%s) has done all of it or nothing',
    async (personId) => {
      const desk = await openDesk();
      const deaths: string[] = [];
      for (let writes = 0; ; writes++) {
        const diedAt = await dieAfter(writes, personId, desk);
        if (diedAt === undefined) break;
        deaths.push(diedAt);
      }
      // Before the first row goes, and between the last row and the first file.
      expect([deaths[0], deaths.at(-1)]).toEqual(['update jobs', 'after a commit']);
    },
    60_000,
  );
});
