/** A platform that fails the bot: every result ends in the state that the outbox names, and nobody else's waits for it. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Delivery, deliveriesOfJob } from '../../src/store/deliveries.ts';
import { type Job, jobById, listJobs } from '../../src/store/jobs.ts';
import type { SeenMessage } from './chat-journeys.ts';
import { blameless, type CallTrouble, type Mishap, type WholePerson, type WholeStage } from './chat-whole.ts';

const patient = { timeout: 20_000, interval: 20 };
const oneResult = { pictures: [expect.anything()], buttons: expect.arrayContaining(['Again']) };
const sentence = /^[A-Z].+\.$/;

const callTroubles: readonly CallTrouble[] = ['busy for a second', 'failing', 'hangs up', 'loses its answer'];
const mishaps: readonly Mishap[] = ['message deleted', 'channel gone', 'bot kicked', 'no right to show pictures'];

/** `openStage` is called inside a test and clears up after it. */
export function chatTrouble(openStage: () => Promise<WholeStage>): void {
  const opened = async (): Promise<WholeStage> => {
    const stage = blameless(await openStage());
    onTestFinished(() => {
      for (const secret of stage.secrets()) expect(stage.logged()).not.toContain(secret);
    });
    return stage;
  };

  describe('a result that meets a platform which is', () => {
    it.each(callTroubles)('%s comes once, in its own message, and nobody else waits', async (trouble) => {
      const stage = await opened();
      const anna = await waiting(stage, 'anna');
      const placeholder = await first(stage);
      stage.makeTrouble('result', trouble, 1);
      const bert = await stage.elsewhere.person('bert');
      stage.engine().release();
      await bert.ask('of bert');
      await expect.poll(() => stage.elsewhere.messages(), patient).toMatchObject([oneResult]);
      await expect.poll(() => stage.messages(), patient).toMatchObject([{ ...oneResult, id: placeholder.id }]);
      await expect.poll(async () => (await deliveryOf(stage, await jobOf(stage))).state, patient).toBe('sent');
      await anna.press(await first(stage), 'Again');
      await expect.poll(() => stage.messages(), patient).toMatchObject([oneResult, oneResult]);
    });
  });

  describe('a placeholder that meets a platform which is', () => {
    it.each(callTroubles)('%s stands, or whoever asked is told, and no job waits unseen', async (trouble) => {
      const stage = await opened();
      const anna = await stage.person('anna');
      stage.makeTrouble('placeholder', trouble, 1);
      await anna.ask('a knight');
      const came = async () => (await stage.messages()).some(({ pictures }) => pictures.length > 0);
      const told = async () => (await saidAt(stage, anna)).some(({ text }) => /try again|once more/i.test(text));
      await expect.poll(async () => (await came()) || (await told()), patient).toBe(true);
      await expect.poll(() => live(stage), patient).toEqual([]);
      await anna.ask('a pirate');
      await expect
        .poll(() => stage.messages(), patient)
        .toEqual(expect.arrayContaining([expect.objectContaining({ text: expect.stringContaining('a pirate') })]));
    });
  });

  it('a Delete that meets a platform which is failing takes the picture at once, and its message by itself later', async () => {
    const stage = await opened();
    const anna = await stage.person('anna');
    await anna.ask('a knight');
    await expect.poll(() => stage.messages(), patient).toMatchObject([oneResult]);
    const { id } = await jobOf(stage);
    stage.makeTrouble('removal', 'failing', 1_000);
    await anna.press(await first(stage), 'Delete');
    const question = async () => (await anna.heard()).find(({ buttons }) => buttons.includes('Delete'));
    await expect.poll(question, patient).toBeDefined();
    const asked = await question();
    if (asked !== undefined) await anna.press(asked, 'Delete');
    const { db } = stage.house().services.store;
    const tries = async () => (await db.selectFrom('removals').select('attemptCount').execute())[0]?.attemptCount;
    await expect.poll(tries, patient).toBeGreaterThan(0);
    expect(await jobById(db, id)).toBeUndefined();
    expect(await stage.messages()).toHaveLength(1);
    stage.endTrouble();
    await stage.restart();
    await expect.poll(() => stage.messages(), patient).toEqual([]);
  });

  describe('a result whose place is no more', () => {
    it.each(mishaps)('(%s) is undeliverable for a reason, is listed as that, and nobody else waits', async (mishap) => {
      const stage = await opened();
      const anna = await waiting(stage, 'anna');
      await stage.mishaps[mishap](await jobOf(stage));
      const bert = await stage.elsewhere.person('bert');
      await bert.ask('of bert');
      stage.engine().release();
      await expect.poll(async () => (await deliveryOf(stage, await jobOf(stage))).state, patient).toBe('undeliverable');
      const delivery = await deliveryOf(stage, await jobOf(stage));
      expect(delivery.reason).toMatch(sentence);
      expect((await jobOf(stage)).state).toBe('done');
      await expect.poll(() => stage.elsewhere.messages(), patient).toMatchObject([oneResult]);
      await anna.commandAlone('mine');
      await expect.poll(async () => textOf(await anna.heard()), patient).toContain('could not be sent');
      const list = (await anna.heard()).find(({ text }) => text.includes('could not be sent'));
      if (list !== undefined) await anna.press(list, '1');
      await expect
        .poll(async () => (await anna.heard()).some(({ pictures }) => pictures.length === 1), patient)
        .toBe(true);
    });
  });

  describe('a connection that', () => {
    it('breaks in any way loses nothing of what people ask for meanwhile', async () => {
      const stage = await opened();
      const anna = await stage.person('anna');
      await anna.ask('before');
      await expect.poll(() => stage.messages(), patient).toMatchObject([oneResult]);
      for (const [at, [, drop]] of stage.drops.entries()) {
        drop();
        await anna.ask(`after break ${at}`);
        await expect.poll(async () => (await stage.messages()).length, patient).toBe(at + 2);
      }
      await expect
        .poll(async () => (await stage.messages()).every(({ pictures }) => pictures.length === 1), patient)
        .toBe(true);
      expect(stage.engine().requests).toHaveLength(stage.drops.length + 1);
    });

    it('tells of everything twenty times at once has each thing done once', async () => {
      const stage = await opened();
      stage.tellTimes(20);
      const anna = await stage.person('anna');
      await anna.ask('a knight');
      await expect.poll(() => stage.messages(), patient).toMatchObject([oneResult]);
      await anna.press(await first(stage), 'Again');
      await expect.poll(() => stage.messages(), patient).toMatchObject([oneResult, oneResult]);
      await anna.commandAlone('mine');
      await expect.poll(async () => (await anna.heard()).filter(isList).length, patient).toBe(1);
      // Whatever else was heard twenty times would have been done by the time that another thing is.
      await anna.ask('a pirate');
      await expect.poll(() => stage.messages(), patient).toMatchObject([oneResult, oneResult, oneResult]);
      expect((await anna.heard()).filter(isList)).toHaveLength(1);
      expect(stage.engine().requests).toHaveLength(3);
    });

    it('brings a press too late to be answered leaves nothing half-done', async () => {
      const stage = await opened();
      const anna = await stage.person('anna');
      await anna.ask('a knight');
      await expect.poll(() => stage.messages(), patient).toMatchObject([oneResult]);
      await anna.pressLate(await first(stage), 'Again');
      const made = stage.latePressCounts ? [oneResult, oneResult] : [oneResult];
      await expect.poll(() => stage.messages(), patient).toMatchObject(made);
      await expect.poll(() => live(stage), patient).toEqual([]);
      expect(stage.engine().requests).toHaveLength(1);
      await anna.press(await first(stage), 'Again');
      await expect.poll(() => stage.messages(), patient).toMatchObject([...made, oneResult]);
    });
  });
}

/** Somebody whose picture is being painted until the engine is released. */
async function waiting(stage: WholeStage, name: string): Promise<WholePerson> {
  stage.engine().hold();
  const person = await stage.person(name);
  await person.ask('a knight');
  await expect.poll(() => stage.messages(), patient).toMatchObject([{ buttons: ['Cancel'] }]);
  return person;
}

async function first(stage: WholeStage): Promise<SeenMessage> {
  const [message] = await stage.messages();
  if (message === undefined) throw new Error('There is no message.');
  return message;
}

async function jobOf(stage: WholeStage): Promise<Job> {
  const jobs = await listJobs(stage.house().services.store.db, {}, { limit: 9 });
  const job = jobs.find(({ prompt }) => prompt === 'a knight');
  if (job === undefined) throw new Error('There is no job.');
  return job;
}

async function deliveryOf(stage: WholeStage, { id }: Job): Promise<Pick<Delivery, 'state' | 'reason'>> {
  const [delivery] = await deliveriesOfJob(stage.house().services.store.db, id);
  return delivery ?? { state: 'pending', reason: null };
}

/** Jobs that go on, and results that are not delivered. */
async function live(stage: WholeStage): Promise<readonly string[]> {
  const { db } = stage.house().services.store;
  const jobs = await listJobs(db, { states: ['queued', 'running', 'checking'] }, { limit: 9 });
  const pending = await db.selectFrom('deliveries').select('id').where('state', '=', 'pending').execute();
  return [...jobs, ...pending].map(({ id }) => id);
}

async function saidAt(stage: WholeStage, person: WholePerson): Promise<readonly SeenMessage[]> {
  return [...(await stage.messages()), ...(await person.heard())];
}

/** What `/mine` answers. */
const isList = ({ buttons }: SeenMessage): boolean => buttons.includes('1') && buttons.includes('2');

const textOf = (messages: readonly SeenMessage[]): string => messages.map(({ text }) => text).join('\n');
