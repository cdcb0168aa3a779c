/**
 * A whole run: people ask for pictures in a chat of its own process, a bot with a stand-in engine answers, and one or
 * the other process is killed again and again until all is done.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { countDeliveries } from '../../src/store/deliveries.ts';
import { countJobsByState } from '../../src/store/jobs.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { ChatClient } from '../../test/fakes/chat-adapter.ts';
import { seeded } from '../random.ts';
import { type Bot, type BotOrders, type Death, startBot, startChatProcess } from './processes.ts';
import { asking, requestKey } from './requests.ts';
import { judge, type Verdict } from './verdict.ts';

export interface CrashOptions {
  readonly jobs: number;
  readonly kills: number;
  readonly seed: number;
  /** Engine time of a picture. */
  readonly pictureMs: number;
  /** The run fails when nothing has moved for so long. */
  readonly patienceMs: number;
}

export type CrashResult = Verdict & {
  readonly jobs: number;
  /** Processes that were killed or died at a fault point. */
  readonly kills: number;
  /** Different fault points that a bot died at, of those it passed. */
  readonly pointsHit: number;
  readonly pointsSeen: number;
  readonly seconds: number;
};

export async function runCrash(options: CrashOptions): Promise<CrashResult> {
  const startedAt = performance.now();
  const dataDir = await mkdtemp(path.join(tmpdir(), 'cowbot-crash-'));
  const chat = await startChatProcess();
  try {
    const client = new ChatClient(chat.origin);
    await asking(client, options.jobs);
    const killer = new Killer(options, dataDir, chat.origin, client);
    await killer.run();
    const store = await openStore({ dataDir, clock: Date.now, role: 'bot' });
    try {
      const keys = Array.from({ length: options.jobs }, (_, i) => requestKey(i + 1));
      const verdict = await judge(store, keys, await client.messages());
      const { kills, pointsHit, points } = killer;
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      return { jobs: options.jobs, kills, ...verdict, pointsHit: pointsHit.size, pointsSeen: points.size, seconds };
    } finally {
      await store.close();
    }
  } finally {
    chat.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

const spareSteps = 4;

class Killer {
  kills = 0;
  readonly points = new Set<string>();
  readonly pointsHit = new Set<string>();
  readonly #options: CrashOptions;
  readonly #dataDir: string;
  readonly #chatOrigin: string;
  readonly #chat: ChatClient;
  readonly #random: () => number;
  /** Where the bot that runs was told to die. */
  #death: Death | undefined;

  constructor(options: CrashOptions, dataDir: string, chatOrigin: string, chat: ChatClient) {
    this.#options = options;
    this.#dataDir = dataDir;
    this.#chatOrigin = chatOrigin;
    this.#chat = chat;
    this.#random = seeded(options.seed);
  }

  async run(): Promise<void> {
    let bot = await this.#start(undefined);
    const store = await openStore({ dataDir: this.#dataDir, clock: Date.now, role: 'tool' });
    try {
      while (this.kills < this.#options.kills) {
        // A few steps are left over: a quick bot is done with more than it was waited for.
        const more = this.#options.jobs / (this.#options.kills + spareSteps);
        if (!(await this.#progressed(store, bot, more))) break;
        bot = await this.#strike(bot);
      }
      // The last one may still have a point to die at.
      while (await this.#progressed(store, bot, Infinity)) {
        this.#noteDeath();
        bot = await this.#start(undefined);
      }
    } finally {
      await store.close();
      // Also a run that fails leaves no process behind.
      await bot.kill('SIGTERM');
    }
  }

  /** One time in two the next bot gets a point to die at; else a process is killed now. */
  async #strike(bot: Bot): Promise<Bot> {
    if (!bot.isAlive) {
      this.#noteDeath();
      return this.#start(this.#nextDeath());
    }
    await delay(this.#random() * 30);
    const choice = this.#random();
    if (choice < 0.66 && bot.enginePid !== undefined) this.#killEngine(bot.enginePid);
    if (choice > 0.33) {
      this.kills++;
      await bot.kill('SIGKILL');
      return this.#start(this.#random() < 0.6 ? this.#nextDeath() : undefined);
    }
    return bot;
  }

  /** The bot died by itself, and nobody killed it: at its point. */
  #noteDeath(): void {
    this.kills++;
    if (this.#death !== undefined) this.pointsHit.add(this.#death.point);
  }

  #killEngine(pid: number): void {
    try {
      process.kill(pid, 'SIGKILL');
      this.kills++;
    } catch {
      // It ended by itself, with its bot.
    }
  }

  /** The points are taken in turn, so that each is died at. */
  #nextDeath(): Death | undefined {
    const untried = [...this.points].filter((name) => !this.pointsHit.has(name));
    const from = untried.length > 0 ? untried : [...this.points];
    const point = from[Math.floor(this.#random() * from.length)];
    if (point === undefined) return undefined;
    const passes = 1 + Math.floor(this.#random() * 4);
    return { point, passes };
  }

  async #start(death: Death | undefined): Promise<Bot> {
    const { pictureMs } = this.#options;
    this.#death = death;
    const orders: BotOrders = { dataDir: this.#dataDir, chatOrigin: this.#chatOrigin, pictureMs, death };
    return startBot(new URL('bot.ts', import.meta.url), orders, (name) => this.points.add(name));
  }

  /**
   * Waits until `more` jobs have ended, or the bot has died.
   * @returns false when there is nothing left to do. @throws Fault where nothing moves.
   */
  async #progressed(store: Store, bot: Bot, more: number): Promise<boolean> {
    const { patienceMs } = this.#options;
    const before = await this.#remaining(store);
    let best = before;
    for (let movedAt = performance.now(); bot.isAlive; await delay(15)) {
      const left = await this.#remaining(store);
      if (left === 0) return false;
      if (before - left >= more) return true;
      if (left < best) {
        best = left;
        movedAt = performance.now();
      }
      if (performance.now() - movedAt > patienceMs) return false;
    }
    // Throws where it did not die of a kill.
    await bot.ended;
    return true;
  }

  /** Requests that are not taken yet, jobs without an end, results not delivered. */
  async #remaining(store: Store): Promise<number> {
    const { upTo, of } = await this.#chat.confirmed();
    const { queued, running, checking } = await countJobsByState(store.db);
    return of - upTo + queued + running + checking + (await countDeliveries(store.db, 'pending'));
  }
}
