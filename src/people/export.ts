/** What is kept about somebody, as files that they can take away. */
import { downloadZip, predictLength } from 'client-zip';
import { weightsOfPerson } from '../jobs/weights.ts';
import { sniffKind } from '../photo/formats.ts';
import { consentOf } from '../store/consents.ts';
import { listJobs } from '../store/jobs.ts';
import { accountsOf } from '../store/people.ts';
import { picturesOfJob } from '../store/pictures.ts';
import { deliveriesOfJob } from '../store/deliveries.ts';
import type { Store } from '../store/store.ts';
import type { Handle } from '../store/tables.ts';
import { photosBroughtFirst } from './jobs-to-forget.ts';
import { personSettingsOf } from './settings.ts';

/** A ZIP of a part; it is made when it is asked for. */
export interface ExportPart {
  readonly name: string;
  readonly bytes: () => Promise<Uint8Array>;
}

/** @property leftOut photos and pictures that did not fit: too large for one file, or more than there may be parts. */
export interface Export {
  readonly parts: readonly ExportPart[];
  readonly leftOut: number;
}

interface Entry {
  readonly name: string;
  readonly size: number;
  readonly bytes: () => Promise<Uint8Array>;
}

const PAGE = 200;
const MOST_PARTS = 10;
const ROWS_NAME = 'about-you.json';

/**
 * Everything of one person: their rows as JSON, their photos and pictures as they are stored, the newest first.
 * @param maxBytes of one part.
 */
export async function exportOf(store: Store, personId: string, maxBytes: number): Promise<Export> {
  const { rows, files } = await contentOf(store, personId);
  const json = Buffer.from(`${JSON.stringify(rows, null, 2)}\n`);
  const about: Entry = { name: ROWS_NAME, size: json.length, bytes: async () => json };
  const packed: Entry[][] = [];
  let leftOut = 0;
  for (const entry of [about, ...files]) {
    const last = packed.at(-1);
    if (last !== undefined && lengthOf([...last, entry]) <= maxBytes) last.push(entry);
    else if (lengthOf([entry]) <= maxBytes && packed.length < MOST_PARTS) packed.push([entry]);
    else leftOut += 1;
  }
  const parts = packed.map((entries, i) => ({
    name: packed.length === 1 ? 'cowbot.zip' : `cowbot-${i + 1}-of-${packed.length}.zip`,
    bytes: async () => zipped(entries),
  }));
  return { parts, leftOut };
}

function lengthOf(entries: readonly Entry[]): number {
  return Number(predictLength(entries.map(({ name, size }) => ({ name, size }))));
}

/** Photos and pictures are compressed already: they are stored as they are, one after the other. */
async function zipped(entries: readonly Entry[]): Promise<Uint8Array> {
  async function* inputs() {
    for (const { name, bytes } of entries) yield { name, input: await bytes() };
  }
  return new Uint8Array(await downloadZip(inputs()).arrayBuffer());
}

async function contentOf(store: Store, personId: string) {
  const { db } = store;
  const requests: unknown[] = [];
  const files = new Map<string, Entry>();
  const brought = await store.transaction(async (tx) => photosBroughtFirst(tx, personId));
  for (let beforeSeq = Number.MAX_SAFE_INTEGER; ;) {
    const page = await listJobs(db, { personId }, { beforeSeq, limit: PAGE });
    const last = page.at(-1);
    if (last === undefined) break;
    beforeSeq = last.seq;
    for (const job of page) {
      const pictures = await picturesOfJob(db, job.id);
      requests.push({ ...job, pictures, messages: await deliveriesOfJob(db, job.id) });
      for (const entry of await filesOfJob(store, job.id, brought)) files.set(entry.name, entry);
    }
  }
  const rows = {
    person: personId,
    accounts: await accountsOf(db, personId),
    consent: (await consentOf(db, personId)) ?? null,
    settings: await personSettingsOf(store, personId),
    weights: await weightsOfPerson(store, personId),
    requests,
    use: await rowsIn(db, 'usage', personId),
    reports: await rowsIn(db, 'reports', personId),
    sanctions: await rowsIn(db, 'sanctions', personId),
  };
  return { rows, files: [...files.values()] };
}

async function rowsIn(db: Handle, table: 'usage' | 'reports' | 'sanctions', personId: string): Promise<unknown[]> {
  return db.selectFrom(table).selectAll().where('personId', '=', personId).orderBy('at').execute();
}

/**
 * Without previews and latents, which are made from the pictures and for no eyes.
 * @param brought hashes: who goes on from somebody else's picture does not get that person's photo.
 */
async function filesOfJob(
  { db, blobs }: Store,
  jobId: string,
  brought: ReadonlySet<string>,
): Promise<readonly Entry[]> {
  const refs = await db
    .selectFrom('blobRefs')
    .innerJoin('blobs', 'blobs.hash', 'blobRefs.hash')
    .select(['blobRefs.hash', 'blobRefs.role', 'blobs.bytes'])
    .where('ownerKind', '=', 'job')
    .where('ownerId', '=', jobId)
    .orderBy('blobRefs.role')
    .execute();
  const entries: Entry[] = [];
  for (const { hash, role, bytes: size } of refs) {
    const bytes = async (): Promise<Uint8Array> => blobs.get(hash);
    const [kind, number] = role.split(':');
    if (kind === 'png') entries.push({ name: `pictures/${jobId}-${Number(number) + 1}.png`, size, bytes });
    // A file that is lost or damaged must not keep the rest from its owner.
    const head = kind === 'photo' && brought.has(hash) ? await bytes().catch(() => undefined) : undefined;
    if (head !== undefined) entries.push({ name: `photos/${hash}.${sniffKind(head) ?? 'bin'}`, size, bytes });
  }
  return entries;
}
