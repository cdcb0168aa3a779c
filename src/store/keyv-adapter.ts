import { EventEmitter } from 'node:events';
import type { KeyvStoreAdapter, StoredData } from 'keyv';
import type { Handle } from './tables.ts';

const ITERATOR_PAGE = 200;

/** @property clock now, in Unix ms. */
export interface KeyvAdapterOptions {
  readonly db: Handle;
  readonly clock: () => number;
}

/**
 * Keyv's store contract over the project's database. One adapter serves one Keyv, which writes its namespace into it.
 * Rows are kept apart by namespace whatever their keys look like. Values are the text that Keyv's serializer made.
 */
export class DatabaseKeyvAdapter extends EventEmitter implements KeyvStoreAdapter {
  /** Keyv 5 iterates only over stores whose dialect it knows by name, whatever methods they have. */
  readonly opts: Record<string, unknown> = { dialect: 'sqlite' };
  namespace?: string | undefined;
  readonly #db: Handle;
  readonly #clock: () => number;

  constructor({ db, clock }: KeyvAdapterOptions) {
    super();
    this.#db = db;
    this.#clock = clock;
  }

  // Keyv types what a store gives back as the value itself; what it takes is the text that its serializer made.
  async get<Value>(key: string): Promise<StoredData<Value> | undefined> {
    const row = await this.#live().select('value').where('key', '=', key).executeTakeFirst();
    return row?.value as StoredData<Value> | undefined;
  }

  async getMany<Value>(keys: string[]): Promise<StoredData<Value | undefined>[]> {
    if (keys.length === 0) return [];
    const rows = await this.#live().select(['key', 'value']).where('key', 'in', keys).execute();
    const values = new Map(rows.map((row) => [row.key, row.value]));
    return keys.map((key) => values.get(key) as StoredData<Value | undefined>);
  }

  async set(key: string, value: unknown, ttlMs?: number): Promise<boolean> {
    await this.setMany([{ key, value, ...(ttlMs === undefined ? {} : { ttl: ttlMs }) }]);
    return true;
  }

  async setMany(entries: { key: string; value: unknown; ttl?: number }[]): Promise<void> {
    if (entries.length === 0) return;
    const now = this.#clock();
    // The last one wins, as it would one by one; SQL takes each key once.
    const rows = new Map(
      entries.map(({ key, value, ttl }) => [
        key,
        {
          namespace: this.#space(),
          key,
          value: String(value),
          // 0 is Keyv's "no expiry".
          expiresAt: ttl === undefined || ttl === 0 ? null : Math.ceil(now + ttl),
        },
      ]),
    );
    await this.#db
      .insertInto('keyv')
      .values([...rows.values()])
      .onConflict((conflict) =>
        conflict.columns(['namespace', 'key']).doUpdateSet((of) => ({
          value: of.ref('excluded.value'),
          expiresAt: of.ref('excluded.expiresAt'),
        })),
      )
      .execute();
  }

  async delete(key: string): Promise<boolean> {
    return this.deleteMany([key]);
  }

  /** Returns whether any of the keys was there. */
  async deleteMany(keys: string[]): Promise<boolean> {
    if (keys.length === 0) return false;
    const { numDeletedRows } = await this.#db
      .deleteFrom('keyv')
      .where('namespace', '=', this.#space())
      .where('key', 'in', keys)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  async clear(): Promise<void> {
    await this.#db.deleteFrom('keyv').where('namespace', '=', this.#space()).execute();
  }

  async has(key: string): Promise<boolean> {
    return (await this.#live().select('key').where('key', '=', key).executeTakeFirst()) !== undefined;
  }

  async hasMany(keys: string[]): Promise<boolean[]> {
    if (keys.length === 0) return [];
    const rows = await this.#live().select('key').where('key', 'in', keys).execute();
    const there = new Set(rows.map((row) => row.key));
    return keys.map((key) => there.has(key));
  }

  async *iterator<Value>(): AsyncGenerator<(string | Awaited<Value> | undefined)[], void> {
    let after = '';
    for (;;) {
      const page = await this.#live()
        .select(['key', 'value'])
        .where('key', '>', after)
        .orderBy('key')
        .limit(ITERATOR_PAGE)
        .execute();
      for (const { key, value } of page) yield [key, value];
      const last = page.at(-1);
      if (last === undefined || page.length < ITERATOR_PAGE) return;
      after = last.key;
    }
  }

  #space(): string {
    return this.namespace ?? '';
  }

  #live() {
    return this.#db
      .selectFrom('keyv')
      .where('namespace', '=', this.#space())
      .where((of) => of.or([of('expiresAt', 'is', null), of('expiresAt', '>', this.#clock())]));
  }
}
