import { Refusal } from '../../src/errors.ts';
import { expect, onTestFinished } from 'vitest';
import type { JobState } from '../../src/store/tables.ts';
import { type Job, jobById } from '../../src/store/jobs.ts';
import type { Store } from '../../src/store/store.ts';
import { type Jobs, type JobsOptions, openJobs } from '../../src/jobs/service.ts';
import { openSpeedBook } from '../../src/jobs/speed.ts';
import type { Submission } from '../../src/jobs/submission.ts';
import { createLog } from '../../src/log.ts';
import { createFaceFinder } from '../../src/photo/faces.ts';
import { opened, type Place, StoppedClock, temporaryFolder } from '../contracts/place.ts';
import { settle } from '../contracts/rows.ts';
import { stubCard } from '../fakes/stub-card.ts';
import { StubEngine } from '../fakes/stub-engine.ts';

/** Who asks for what, in words of the test: the key is the prompt. */
export type Asked = Partial<Submission> & { readonly count?: number };

export interface Bot {
  readonly place: Place;
  readonly store: Store;
  readonly clock: StoppedClock;
  readonly jobs: Jobs;
  readonly engines: readonly StubEngine[];
  /** The first of the engines. */
  readonly engine: StubEngine;
  /** Ends that were reported, in order. */
  readonly ends: readonly { readonly id: string; readonly state: JobState }[];
  ask(prompt: string, asked?: Asked): Promise<Job>;
  stateOf(id: string): Promise<JobState | undefined>;
  /** Waits until it is in this state. */
  becomes(id: string, state: JobState): Promise<void>;
  /** Asks for it again, until what was stopped of it has ended: rows are there a moment before they are on the disk. */
  retries(id: string): Promise<void>;
  /** Waits until the engine paints this prompt. */
  paints(prompt: string, engine?: StubEngine): Promise<void>;
  /** Gives what runs its time, or none. */
  close(drainMs?: number): Promise<void>;
}

export interface BotOptions extends Partial<Omit<JobsOptions, 'clock'>> {
  readonly place?: Place;
  readonly clock?: StoppedClock;
  /** Before the jobs see it. */
  readonly withStore?: (store: Store) => Store;
  readonly engines?: readonly StubEngine[];
  /** Who is known from the start. */
  readonly people?: readonly string[];
}

export function submission(prompt: string, { count = 1, ...fields }: Asked = {}): Submission {
  const personId = fields.personId ?? 'anna';
  return {
    idempotencyKey: prompt,
    personId,
    communityId: 'farm',
    platform: 'test',
    address: { chat: 'c1', message: prompt },
    wish: { prompt, photos: [], parameters: {}, seed: 7, count },
    photos: [],
    ...fields,
  };
}

/** Store, queue and dispatcher on stub engines; closed when the test is over, if they have not been before. */
export async function startBot(options: BotOptions = {}): Promise<Bot> {
  const { place = { dataDir: await temporaryFolder() }, clock = new StoppedClock(), ...rest } = options;
  const {
    people = ['anna', 'bert'],
    engines = [new StubEngine()],
    withStore = (store: Store) => store,
    ...changes
  } = rest;
  const store = await opened(place, { clock: clock.read });
  await settle(store, [...people]);
  const faceFinder = createFaceFinder();
  onTestFinished(() => faceFinder.close());
  const ends: { id: string; state: JobState }[] = [];
  const jobs = await openJobs({
    store: withStore(store),
    slots: engines.map((engine, i) => engine.slot(`stub-${i}`)),
    card: stubCard,
    faceFinder,
    speed: await openSpeedBook(store, 'stub-1 on cpu'),
    checkResult: async () => ({ kind: 'allow' }),
    retry: { maxTries: 3, firstBackoffMs: 1, maxBackoffMs: 4, maxLosses: 3 },
    shares: { halfLifeMs: 3_600_000, maxRunningPerPerson: 8 },
    weights: [],
    limits: { maxWaitingPerPerson: 100, minFreeBytes: 0, engineDownMs: 60_000 },
    clock: clock.read,
    log: createLog('silent'),
    onProgress: () => {},
    onEnd: (id, state) => void ends.push({ id, state }),
    ...changes,
  });
  let isOpen = true;
  const close = async (drainMs = 0): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    await jobs.close(drainMs === 0 ? AbortSignal.abort() : AbortSignal.timeout(drainMs));
    await store.close();
  };
  onTestFinished(() => close());
  const stateOf = async (id: string) => (await jobById(store.db, id))?.state;
  const [engine = new StubEngine()] = engines;
  return {
    place,
    store,
    clock,
    jobs,
    engines,
    engine,
    ends,
    ask: async (prompt, asked) => (await jobs.submit(submission(prompt, asked))).job,
    stateOf,
    async becomes(id, state) {
      await expect.poll(() => stateOf(id)).toBe(state);
    },
    async retries(id) {
      const retried = async (): Promise<boolean> => {
        try {
          await jobs.retry(id, 'person:anna');
          return true;
        } catch (error) {
          if (error instanceof Refusal && error.code === 'jobs.ending') return false;
          throw error;
        }
      };
      await expect.poll(retried).toBe(true);
    },
    async paints(prompt, of = engine) {
      await expect.poll(() => of.painting).toBe(prompt);
    },
    close,
  };
}

/** A bot that was killed: nothing of it is written any more, and its place is free for the next one. */
export async function killed(bot: Bot): Promise<Pick<BotOptions, 'place' | 'clock'>> {
  await bot.store.close();
  return { place: bot.place, clock: bot.clock };
}
