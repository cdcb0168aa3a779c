import { expect, it, onTestFinished } from 'vitest';
import { Fault, Refusal } from '../../src/errors.ts';
import { askBot, startControl, type Wish } from '../../src/jobs/control.ts';
import { createLog } from '../../src/log.ts';
import type { Store } from '../../src/store/store.ts';
import type { JsonObject } from '../../src/store/tables.ts';
import { opened, temporaryFolder } from '../contracts/place.ts';

/** The bot's store and that of a command line beside it. */
async function place() {
  const dataDir = await temporaryFolder();
  const bot = await opened({ dataDir });
  const tool = await opened({ dataDir }, { role: 'tool' });
  return { bot, tool };
}

function listen(store: Store, grant: (wish: Wish) => Promise<JsonObject>): void {
  const control = startControl({ store, grant, pollMs: 5, log: createLog('silent') });
  onTestFinished(() => control.close());
}

const cancel: Wish = { kind: 'cancel', jobId: 'j1' };
const long = 60_000;

it('brings each asker the answer to its own wish', async () => {
  const { bot, tool } = await place();
  listen(bot, async (wish) => ({ granted: 'jobId' in wish ? wish.jobId : wish.kind }));
  const wishes: readonly Wish[] = [cancel, { kind: 'queue' }, { kind: 'retry', jobId: 'j2' }];
  const answers = await Promise.all(wishes.map((wish) => askBot(tool, wish, long)));
  expect(answers).toEqual([{ granted: 'j1' }, { granted: 'queue' }, { granted: 'j2' }]);
  expect(await tool.db.selectFrom('keyv').selectAll().execute()).toEqual([]);
});

it('says a refusal in its own words, and goes on after a failure', async () => {
  const { bot, tool } = await place();
  const troubles = [new Refusal('job.ended', 'It has ended.'), new Fault('The disk is full.'), new Error('secret')];
  listen(bot, async () => {
    const trouble = troubles.shift();
    if (trouble !== undefined) throw trouble;
    return { all: 'well' };
  });
  await expect(askBot(tool, cancel, long)).rejects.toMatchObject({ code: 'job.ended', message: 'It has ended.' });
  await expect(askBot(tool, cancel, long)).rejects.toMatchObject({ message: 'The disk is full.' });
  await expect(askBot(tool, cancel, long)).rejects.toMatchObject({ message: expect.not.stringContaining('secret') });
  expect(await askBot(tool, cancel, long)).toEqual({ all: 'well' });
});

it('keeps a wish that found no bot for the next one, but not a look', async () => {
  const { bot, tool } = await place();
  expect(await askBot(tool, cancel, 40)).toBeUndefined();
  expect(await askBot(tool, { kind: 'queue' }, 40)).toBeUndefined();
  const kept = await tool.db.selectFrom('keyv').select(['expiresAt']).orderBy('expiresAt').execute();
  expect(kept).toEqual([{ expiresAt: null }, { expiresAt: expect.any(Number) }]);
  const heard: Wish[] = [];
  listen(bot, async (wish) => {
    heard.push(wish);
    return {};
  });
  await expect.poll(() => heard).toContainEqual(cancel);
});
