/** What people send to a bot to break it, on any platform: nothing of it has an effect but a polite sentence. */
import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listJobs } from '../../src/store/jobs.ts';
import { serve } from '../fakes/wire/serve.ts';
import { photoFile } from '../photo/samples.ts';
import { files, prompts, sendings } from './chat-hostile-samples.ts';
import type { SeenMessage } from './chat-journeys.ts';
import { blameless, type Sending, type WholePerson, type WholeStage } from './chat-whole.ts';
import { digestOf } from './digest.ts';

const patient = { timeout: 20_000, interval: 20 };
const ofEach = 1000;
/** As many as one client gets answered within the 3 s that Discord waits. */
const atOnce = 50;
const seed = 20_261_121;

const actions = [
  'again',
  'subtle',
  'strong',
  'keep-more',
  'change-more',
  'move',
  'remix',
  'details',
  'file',
  'delete',
  'delete-yes',
  'cancel',
  'retry',
  'why',
  'show',
];

const action = fc.constantFrom(...actions);
const extra = fc.option(
  fc.oneof(
    fc.constantFrom('0', '1', 'top-left', '75%', '0,0', '-1', '99', 'yes'),
    fc.stringMatching(/^[\w.,%-]{1,10}$/),
  ),
  { nil: undefined },
);
const withExtra = (start: string, more: string | undefined): string =>
  more === undefined ? start : `${start}:${more}`;

/** Both platforms' buttons carry these: 1 to 64 bytes. */
const carried = (text: string): boolean => text.length > 0 && Buffer.byteLength(text) <= 64;

const wrongId = fc.oneof(
  fc.uuid(),
  fc.nat().map(String),
  fc.constantFrom('-', '__proto__', 'constructor', 'toString', 'null', 'undefined', '0', '-1'),
  fc.stringMatching(/^[\w-]{1,36}$/),
);

interface Forgery {
  readonly what: string;
  /** @param jobs ids of jobs that are not the presser's. */
  readonly pressIds: (jobs: readonly string[]) => fc.Arbitrary<string>;
  readonly refusal: RegExp;
}

const unknown = /do not know this button/;

const forgeries: Forgery[] = [
  {
    what: 'random data',
    pressIds: () =>
      fc.oneof(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 16 }),
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 16 }),
        fc.string({ minLength: 1, maxLength: 64 }),
        fc.stringMatching(/^v1:[a-z-]{0,12}:?[\w{}$.;'" -]{0,20}:?[\w%]{0,5}$/).filter((text) => !namesAction(text)),
      ),
    refusal: unknown,
  },
  {
    what: 'data of old and coming versions',
    pressIds: (jobs) =>
      fc
        .tuple(fc.constantFrom('v0', 'v2', 'v11', 'V1', '', '1'), action, fc.constantFrom(...jobs))
        .map((parts) => parts.join(':')),
    refusal: unknown,
  },
  {
    what: 'well-formed data with wrong ids',
    pressIds: () => fc.tuple(action, wrongId, extra).map(([name, id, more]) => withExtra(`v1:${name}:${id}`, more)),
    refusal: /no longer here/,
  },
  {
    what: "other people's data",
    pressIds: (jobs) =>
      fc.tuple(action, fc.constantFrom(...jobs), extra).map(([name, id, more]) => withExtra(`v1:${name}:${id}`, more)),
    refusal: /Only the person who asked/,
  },
];

function namesAction(text: string): boolean {
  return actions.some((name) => text.startsWith(`v1:${name}:`));
}

export function chatHostile(openStage: () => Promise<WholeStage>): void {
  /** Nothing of what was said, and none of who said it, may stand in the log when the test is over. */
  const opened = async (unsaid: readonly string[] = []): Promise<WholeStage> => {
    const stage = blameless(await openStage());
    onTestFinished(() => {
      expect(stage.pings()).toEqual([]);
      const log = stage.logged();
      for (const secret of [...stage.secrets(), ...names, ...unsaid]) expect(log).not.toContain(secret);
    });
    return stage;
  };

  describe('a forged press', () => {
    it.each(forgeries)('of $what has no effect but a polite refusal', async ({ pressIds, refusal }) => {
      const stage = await opened();
      const [victim, mallory] = [await stage.person('Victorinus'), await stage.person('Mallorquin')];
      const { message, jobs } = await oneJob(stage, victim);
      await mallory.command('mine');
      await expect.poll(async () => (await mallory.heard()).length, patient).toBe(1);
      await settled(stage);
      const before = await everything(stage);
      const forged = sample(pressIds(jobs));
      const answers = await pressAll(mallory, message, forged);
      expect(answers.filter((text) => !refusal.test(text))).toEqual([]);
      const toForms = await sendForms(mallory, message, forged);
      expect(toForms.filter((text) => !refusal.test(text) && !unknown.test(text))).toEqual([]);
      expect(await everything(stage)).toEqual(before);
    });

    it('of data from another chat has no effect, also by somebody who manages this one', async () => {
      const stage = await opened();
      const manager = await stage.manager('Majordomo');
      const { message } = await oneJob(stage, await stage.person('Victorinus'));
      const stranger = await stage.elsewhere.person('Stranglehold');
      await stranger.ask('a knight elsewhere');
      await expect.poll(() => stage.elsewhere.messages(), patient).toMatchObject([{ pictures: [expect.anything()] }]);
      await manager.command('mine');
      await expect.poll(async () => (await manager.heard()).length, patient).toBe(1);
      await settled(stage);
      const { db } = stage.house().services.store;
      const jobs = (await listJobs(db, {}, { limit: 9 })).filter(({ prompt }) => prompt === 'a knight elsewhere');
      const before = await everything(stage);
      const ids = fc
        .tuple(action, fc.constantFrom(...jobs.map(({ id }) => id)), extra)
        .map(([name, id, more]) => withExtra(`v1:${name}:${id}`, more));
      const answers = await pressAll(manager, message, sample(ids));
      expect(answers.filter((text) => !/Only the person who asked/.test(text))).toEqual([]);
      expect(await everything(stage)).toEqual(before);
    });
  });

  describe('a prompt', () => {
    it.each(prompts)('of %s is shown as plain text and pings nobody', async (_what, written) => {
      const stage = await opened([written.slice(0, 60)]);
      const prompt = written.slice(0, stage.longestPrompt);
      const anna = await stage.person('Annabella');
      await anna.ask(prompt);
      const said = async () => [...(await stage.messages()), ...(await anna.heard())];
      await expect
        .poll(
          async () => (await said()).some(({ pictures, text }) => pictures.length > 0 || polite.test(text)),
          patient,
        )
        .toBe(true);
      const [job] = await listJobs(stage.house().services.store.db, {}, { limit: 1 });
      if (job === undefined) return;
      expect(job.prompt).toBe(job.prompt.toWellFormed());
      expect(job.prompt).not.toMatch(/(?!\n)\p{Cc}/u);
      const [{ text, pictures }] = await stage.messages();
      expect(pictures).toHaveLength(1);
      const shown = visible(text);
      expect(shown).toContain(visible(prompt).slice(0, 200));
      expect(text).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    });
  });

  describe('a file', () => {
    it.each(files)('of %s is refused, and nothing is left of it', async (_what, file) => {
      const { before, now } = await askInVain(await opened(), { photo: await file() });
      await expect.poll(now, patient).toEqual(before);
    });

    it.each(sendings)('that comes %s is refused, and nothing is left of it', async (_what, sending) => {
      const { before, now } = await askInVain(await opened(), { sending });
      await expect.poll(now, patient).toEqual(before);
    });

    it('that leads elsewhere is not followed', async () => {
      const stage = await opened();
      let calls = 0;
      const stranger = await serve((_request, response) => {
        calls += 1;
        response.end(photoFile('astronaut.png'));
      });
      onTestFinished(() => stranger.close());
      const { before, now } = await askInVain(stage, { sending: { redirectTo: `${stranger.origin}/astronaut.png` } });
      await expect.poll(now, patient).toEqual(before);
      expect(calls).toBe(0);
    });
  });
}

const names = ['Majordomo', 'Victorinus', 'Mallorquin', 'Stranglehold', 'Annabella'];

function sample(pressIds: fc.Arbitrary<string>): string[] {
  return fc.sample(pressIds.filter(carried), { numRuns: ofEach, seed });
}

function batches<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / atOnce) }, (_, i) => all.slice(i * atOnce, (i + 1) * atOnce));
}

async function pressAll(person: WholePerson, message: SeenMessage, pressIds: readonly string[]): Promise<string[]> {
  const answers: string[] = [];
  for (const some of batches(pressIds)) answers.push(...(await person.forgeAll(message, some)));
  return answers;
}

/** None where the platform has no forms. */
async function sendForms(person: WholePerson, message: SeenMessage, formIds: readonly string[]): Promise<string[]> {
  const answers: string[] = [];
  for (const some of person.forgeForms === undefined ? [] : batches(formIds)) {
    answers.push(...((await person.forgeForms?.(message, some)) ?? []));
  }
  return answers;
}

/** One that is done, with its message. */
async function oneJob(stage: WholeStage, victim: WholePerson): Promise<{ message: SeenMessage; jobs: string[] }> {
  await victim.ask('a knight');
  await expect.poll(() => stage.messages(), patient).toMatchObject([{ pictures: [expect.anything()] }]);
  const [message] = await stage.messages();
  if (message === undefined) throw new Error('There is no message.');
  const jobs = await listJobs(stage.house().services.store.db, {}, { limit: 9 });
  return { message, jobs: jobs.map(({ id }) => id) };
}

/** Every delivery is written down. */
async function settled(stage: WholeStage): Promise<void> {
  const { db } = stage.house().services.store;
  await expect
    .poll(async () => db.selectFrom('deliveries').select('id').where('state', '=', 'pending').execute(), patient)
    .toEqual([]);
}

async function everything(stage: WholeStage) {
  const { services, engine } = stage.house();
  return {
    stored: await digestOf(services.store, stage.dataDir),
    messages: await stage.messages(),
    elsewhere: await stage.elsewhere.messages(),
    painted: engine.requests.length,
  };
}

/** Asks with a file that cannot be used, until it is said. @returns what there was before, and what there is. */
async function askInVain(
  stage: WholeStage,
  options: { readonly photo?: Uint8Array; readonly sending?: Sending },
): Promise<{ before: unknown; now: () => Promise<unknown> }> {
  const anna = await stage.person('Annabella');
  await anna.command('mine');
  await expect.poll(async () => (await anna.heard()).length, patient).toBe(1);
  const now = async () => {
    const { stored, painted } = await everything(stage);
    return { stored, painted, pictures: (await stage.messages()).flatMap(({ pictures }) => pictures) };
  };
  const before = await now();
  await anna.ask('a knight', options);
  const said = async () => [...(await stage.messages()), ...(await anna.heard()).slice(1)];
  await expect.poll(async () => (await said()).some(({ text }) => polite.test(text)), patient).toBe(true);
  return { before, now };
}

/** What every sentence for a request that comes to nothing says: what to do instead. */
const polite = /\b(send|save|scale|make it|try|once more|again|shorter|fewer|instead)\b/i;

/** What a reader sees of a text, whatever stands between the letters. */
function visible(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, '')
    .replaceAll('\ufffd', '');
}
