/** What is kept about somebody, in numbers. */
import { consentOf } from '../store/consents.ts';
import { countJobs } from '../store/jobs.ts';
import { identitiesOf } from '../store/people.ts';
import type { Store } from '../store/store.ts';
import type { Handle } from '../store/tables.ts';
import { personSettingsOf } from './settings.ts';

/** @property jobs requests, each with its prompt and its message. @property bytes of photos and pictures. */
export interface Stored {
  readonly jobs: number;
  readonly photos: number;
  readonly pictures: number;
  readonly bytes: number;
  readonly settings: number;
  readonly accounts: number;
  readonly reports: number;
  readonly sanctions: number;
  /** Unix ms; undefined where they have not agreed. */
  readonly consentAt: number | undefined;
}

export async function storedAbout(store: Store, personId: string): Promise<Stored> {
  const { db } = store;
  const files = await filesOf(db, personId);
  const count = (isOne: (role: string) => boolean): number => files.filter(({ role }) => isOne(role)).length;
  const settings = await personSettingsOf(store, personId);
  return {
    jobs: await countJobs(db, { personId }),
    photos: count((role) => role === 'photo'),
    pictures: count((role) => role.startsWith('png:')),
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    settings: Object.values(settings).filter((value) => value !== undefined).length,
    accounts: (await identitiesOf(db, personId)).length,
    reports: await countIn(db, 'reports', personId),
    sanctions: await countIn(db, 'sanctions', personId),
    consentAt: (await consentOf(db, personId))?.at,
  };
}

/** Files of somebody's requests, each once for each role that it has. */
async function filesOf(db: Handle, personId: string) {
  return db
    .selectFrom('blobRefs')
    .innerJoin('jobs', 'jobs.id', 'blobRefs.ownerId')
    .innerJoin('blobs', 'blobs.hash', 'blobRefs.hash')
    .select(['blobRefs.hash', 'blobRefs.role', 'blobs.bytes'])
    .distinct()
    .where('blobRefs.ownerKind', '=', 'job')
    .where('jobs.personId', '=', personId)
    .execute();
}

async function countIn(db: Handle, table: 'reports' | 'sanctions', personId: string): Promise<number> {
  const { count } = await db
    .selectFrom(table)
    .select((of) => of.fn.countAll<number>().as('count'))
    .where('personId', '=', personId)
    .executeTakeFirstOrThrow();
  return count;
}
