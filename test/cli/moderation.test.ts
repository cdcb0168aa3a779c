import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { report } from '../../src/moderation/cases.ts';
import { describePicture } from '../../src/moderation/hashes/describe.ts';
import { RemovedPictures, rememberRemoved } from '../../src/moderation/removed.ts';
import { checkNotSanctioned } from '../../src/moderation/sanctions.ts';
import { auditPage } from '../../src/store/audit.ts';
import { temporaryFolder } from '../contracts/place.ts';
import { chatForTest, startTestBot } from '../fakes/bot.ts';
import { photoParts } from '../moderation/pictures.ts';
import { cowbot, objects } from './cowbot.ts';

/** A bot with two communities, and the command line beside it. */
async function runningBot() {
  const { origin } = await chatForTest();
  const folder = await temporaryFolder();
  const dataDir = path.join(folder, 'data');
  const bot = await startTestBot({ dataDir, chatOrigin: origin });
  const first = await bot.ask({ key: 'first', room: 'barn', user: 'anna' });
  await bot.ask({ key: 'second', room: 'field', user: 'bert' });
  await expect.poll(async () => (await bot.jobs.get(first.id))?.state).toBe('done');
  const run = (...args: readonly string[]) => cowbot(args, { COWBOT_DATA: dataDir });
  return { bot, folder, first, run };
}

const nobodysAccount = 'discord:4711';

it('bans and suspends by account, which counts at once for a bot that runs, and lifts', async () => {
  const { bot, run } = await runningBot();
  const [banned] = objects(await run('sanctions', 'ban', nobodysAccount, '--json'));
  expect(banned).toMatchObject({ kind: 'ban', communityId: null, until: null, accounts: [nobodysAccount] });
  const personId = String(banned?.['personId']);
  const check = async (communityId: string) =>
    checkNotSanctioned(bot.store, { personId, communityId, at: Date.now() }).then(
      () => 'free',
      (error: { code: string }) => error.code,
    );
  expect(await check('barn')).toBe('sanction.banned');
  const suspended = await run('sanctions', 'suspend', nobodysAccount, '--days', '2', '--community', 'barn');
  expect(suspended).toMatchObject({ status: 0, stdout: expect.stringMatching(/suspend .* discord:4711 in barn/) });
  expect(objects(await run('sanctions', 'list', '--person', nobodysAccount, '--json'))).toHaveLength(2);
  expect(objects(await run('sanctions', 'list', '--community', 'field', '--json'))).toMatchObject([{ kind: 'ban' }]);

  expect(objects(await run('sanctions', 'lift', String(banned?.['id']), '--json'))).toMatchObject([{ lifted: true }]);
  expect(objects(await run('sanctions', 'lift', String(banned?.['id']), '--json'))).toMatchObject([{ lifted: false }]);
  expect([await check('field'), await check('barn')]).toEqual(['free', 'sanction.suspended']);
  const trail = await auditPage(bot.store.db, { subject: `person:${personId}`, actor: 'operator' }, { limit: 10 });
  expect(trail.map(({ action }) => action)).toEqual(['sanction.lifted', 'sanction.suspend', 'sanction.ban']);
});

it('says what is wrong with a sanction that cannot be', async () => {
  const { run } = await runningBot();
  const wrong: readonly (readonly [RegExp, readonly string[]])[] = [
    [/discord:ID or telegram:ID/, ['ban', 'anna']],
    [/no community moon/, ['ban', nobodysAccount, '--community', 'moon']],
    [/either --days or --until/, ['suspend', nobodysAccount]],
    [/either --days or --until/, ['suspend', nobodysAccount, '--days', '1', '--until', '2100-01-01']],
    [/time to come/, ['suspend', nobodysAccount, '--until', '2001-01-01']],
    [/time to come/, ['suspend', nobodysAccount, '--until', 'tomorrow']],
    [/time to come/, ['suspend', nobodysAccount, '--days', '0']],
    [/no longer there/, ['lift', 'nothing']],
  ];
  for (const [sentence, args] of wrong) {
    const said = await run('sanctions', ...args);
    expect(said).toEqual({ status: 2, stdout: '', stderr: expect.stringMatching(sentence) });
  }
  expect(await run('sanctions', 'list')).toMatchObject({ status: 0, stdout: '', stderr: 'Nothing is in force.\n' });
  expect((await run('sanctions', '--help')).stdout).toMatch(/list [^]*lift [^]*ban [^]*suspend /);
});

it('lists open cases with their age and when they are decided by themselves', async () => {
  const { bot, first, run } = await runningBot();
  expect(await run('cases', 'list')).toMatchObject({ status: 0, stdout: '', stderr: 'No open cases.\n' });
  const options = { store: bot.store, clock: Date.now, operators: new Set<string>(), reviewMs: 3_600_000 };
  const { caseId } = await report(options, { jobId: first.id, personId: 'bert', reason: 'me' });
  const [one] = objects(await run('cases', 'list', '--json'));
  expect(one).toMatchObject({ id: caseId, kind: 'depiction', reason: 'me', communityId: 'barn', reports: 1 });
  expect(Number(one?.['dueInMs'])).toBeGreaterThan(47 * 3_600_000);
  const text = await run('cases', 'list', '--community', 'barn');
  expect(text.stdout).toMatch(/depiction  open for .*, due in 48 hours  in barn: me, 1 reports\n$/);
  expect(objects(await run('cases', 'list', '--community', 'field', '--json'))).toEqual([]);
});

it('passes hashes on to another community, where a bot that runs knows the pictures again', async () => {
  const { bot, folder, run } = await runningBot();
  const pictures = await photoParts([2]);
  const hashes = await Promise.all(
    pictures.slice(0, 3).map(async ({ rgb, width, height }) => describePicture(rgb, width, height)),
  );
  await bot.store.transaction(async (tx) => rememberRemoved(tx, hashes, { communityId: 'barn', at: 1 }));
  const removed = new RemovedPictures(bot.store);
  const knownIn = async (community: string) => Promise.all(hashes.map(async (one) => removed.knows(community, one)));
  expect(await knownIn('barn')).toEqual([true, true, true]);
  expect(await knownIn('field')).toEqual([false, false, false]);

  const file = path.join(folder, 'list.txt');
  expect(objects(await run('hashes', 'export', file, '--community', 'barn', '--json'))).toEqual([
    { file, community: 'barn', exported: 3 },
  ]);
  expect((await run('hashes', 'export', '--community', 'barn')).stdout).toBe(await readFile(file, 'utf8'));
  expect((await run('hashes', 'export')).stdout).toBe('');
  expect(objects(await run('hashes', 'import', file, '--community', 'field', '--json'))).toEqual([
    { file, community: 'field', read: 3, imported: 3 },
  ]);
  expect(await run('hashes', 'import', file, '--community', 'field')).toMatchObject({
    status: 0,
    stdout: '0 of 3 pictures were new\n',
  });
  expect(await knownIn('field')).toEqual([true, true, true]);

  await writeFile(file, 'not a list');
  expect(await run('hashes', 'import', file)).toMatchObject({ status: 2, stderr: expect.stringContaining('Line 1') });
  expect(await run('hashes', 'import', path.join(folder, 'none'))).toMatchObject({ status: 2, stdout: '' });
  expect(await run('hashes', 'export', '--community', 'moon')).toMatchObject({ status: 2, stdout: '' });
});
