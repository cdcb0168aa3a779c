import path from 'node:path';
import { sql } from 'kysely';
import { expect, it, onTestFinished } from 'vitest';
import { appendAudit } from '../../src/store/audit.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { temporaryFolder } from '../contracts/place.ts';
import { cowbot, objects } from './cowbot.ts';

const day = 24 * 3_600_000;

/** Rows of three days in two communities, and the command line over them. */
async function trail() {
  const dataDir = path.join(await temporaryFolder(), 'data');
  const store = await openStore({ dataDir, clock: Date.now, role: 'bot' });
  onTestFinished(() => store.close());
  const now = Date.now();
  await store.transaction(async (tx) => {
    for (let i = 0; i < 4; i++) {
      await appendAudit(tx, {
        at: now - (3 - i) * day,
        actor: i === 3 ? 'person:anna' : 'system',
        action: i === 3 ? 'settings.changed' : 'job.done',
        subject: `job:${i}`,
        reason: 'asked',
        detail: { count: i },
        ...(i === 0 ? {} : { community: i === 1 ? 'farm' : 'town' }),
      });
    }
  });
  const run = (...args: readonly string[]) => cowbot(['audit', ...args], { COWBOT_DATA: dataDir });
  return { store, run };
}

it('verifies a trail, and says so', async () => {
  const { run } = await trail();
  const said = await run('verify');
  expect(said).toMatchObject({
    status: 0,
    stderr: '',
    stdout: expect.stringMatching(/whole: 4 rows.*\n[0-9a-f]{64}\n$/),
  });
  const hash = said.stdout.trim().split('\n').at(-1) ?? '';
  const [verdict] = objects(await run('verify', '--json', '--noted', hash));
  expect(verdict).toEqual({ isWhole: true, rows: 4, brokenAt: null, seq: 4, hash, hasNoted: true });
});

const tampered: readonly (readonly [string, number, (store: Store) => Promise<unknown>])[] = [
  ['changed', 2, ({ db }) => sql`update audit set reason = 'none' where seq = 2`.execute(db)],
  ['taken out', 2, ({ db }) => sql`delete from audit where seq = 2`.execute(db)],
  [
    'swapped',
    2,
    async ({ db }) => {
      for (const [from, to] of [
        [2, 99],
        [3, 2],
        [99, 3],
      ] as const) {
        await sql`update audit set seq = ${to} where seq = ${from}`.execute(db);
      }
    },
  ],
  ['cut off', 4, ({ db }) => sql`delete from audit where seq = 4`.execute(db)],
];

it.each(tampered)('fails, and says where, for a row that was %s', async (_, brokenAt, tamper) => {
  const { store, run } = await trail();
  await tamper(store);
  const said = await run('verify');
  expect(said).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining(`changed at row ${brokenAt},`) });
  const json = await run('verify', '--json');
  expect(json.status).toBe(1);
  expect(objects(json)).toMatchObject([{ isWhole: false, brokenAt, rows: brokenAt - 1 }]);
});

it('fails for a chain that was made anew, where its end was noted', async () => {
  const { store, run } = await trail();
  const [verdict] = objects(await run('verify', '--json'));
  await sql`delete from audit where seq = 4`.execute(store.db);
  await sql`update audit_head set seq = 3, hash = (select hash from audit where seq = 3)`.execute(store.db);
  expect((await run('verify')).status).toBe(0);
  const noted = await run('verify', '--noted', String(verdict?.['hash']));
  expect(noted).toMatchObject({ status: 1, stderr: expect.stringContaining('noted') });
});

it('exports rows, the oldest first, by community, kind, party and time', async () => {
  const { run } = await trail();
  const seqs = async (...args: readonly string[]) =>
    objects(await run('export', '--json', ...args)).map(({ seq }) => seq);
  expect(await seqs()).toEqual([1, 2, 3, 4]);
  expect(await seqs('--community', 'town')).toEqual([3, 4]);
  expect(await seqs('--action', 'job')).toEqual([1, 2, 3]);
  expect(await seqs('--actor', 'system', '--subject', 'job:1')).toEqual([2]);
  expect(await seqs('--person', 'anna')).toEqual([4]);
  expect(await seqs('--since', '36h')).toEqual([3, 4]);
  expect(await seqs('--since', '1w', '--until', '36h')).toEqual([1, 2]);
  expect(await run('export', '--community', 'farm')).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^2 {2}\S+Z {2}system {2}job\.done {2}job:1 {2}asked {2}in farm {2}\{"count":1\}\n$/),
  });
});

it('says how it is used', async () => {
  const { run } = await trail();
  expect(await run('export', '--since', 'yesterday')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('7d'),
  });
  expect(await run('--help')).toMatchObject({ status: 0, stdout: expect.stringMatching(/verify[^]*export/) });
});
