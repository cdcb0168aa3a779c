import {
  type Dialect,
  type PostgresCursor,
  PostgresDialect,
  type PostgresPoolClient,
  type PostgresQueryResult,
} from 'kysely';
import { Client as Connection, Pool, type PoolClient, types } from 'pg';
import { Fault, Refusal } from '../errors.ts';
import type { BotLock } from './lock.ts';
import { postgresTrouble } from './trouble.ts';

const MAX_CONNECTIONS = 8;
const CONNECT_TIMEOUT_MS = 5_000;

/** Type numbers of `bigint` and `numeric` (sums of bigint): pg gives both as text, all of ours are safe integers. */
const NUMBER_TYPES = new Set([20, 1700]);

/** Kysely over a pool of connections to the server that `databaseUrl` names; troubles come as Faults in sentences. */
export function postgresDialect(databaseUrl: string): Dialect {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    types: {
      getTypeParser: (type: number, format?: 'text' | 'binary') =>
        NUMBER_TYPES.has(type) ? Number : types.getTypeParser(type, format),
    },
  });
  // A connection that breaks rejects the query in flight and leaves the pool; the next query opens another or says what
  // is wrong. pg reports it once more as an event, which would end the process if nobody listened.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return new PostgresDialect({
    pool: {
      options: pool.options,
      connect: async () => new Client(await pool.connect().catch(rethrow)),
      end: () => pool.end(),
    },
  });
}

/** Any number that no other program takes for a lock in this database: "cow" in ASCII. */
const BOT_LOCK = 0x63_6f_77;

/**
 * Takes a PostgreSQL database for this bot, for as long as its connection lives: two bots would each hand out the same
 * jobs. The server drops the lock with the connection, however that ends.
 * @throws Refusal `store.in-use` where another bot has it. @throws Fault where the server cannot be reached.
 */
export async function lockPostgres(databaseUrl: string): Promise<BotLock> {
  const client = new Connection({ connectionString: databaseUrl, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [BOT_LOCK]);
    if (rows[0]?.taken) return { release: () => client.end() };
  } catch (error) {
    await client.end();
    throw postgresTrouble(error);
  }
  await client.end();
  throw new Refusal(
    'store.in-use',
    'Another cowbot is already running on the PostgreSQL database that DATABASE_URL names. Stop it first, or give ' +
      'this one a database of its own.',
  );
}

/** A connection out of the pool, whose complaints are put into sentences. */
class Client implements PostgresPoolClient {
  readonly #client: PoolClient;

  constructor(client: PoolClient) {
    this.#client = client;
  }

  query<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query<R>(
    sql: string | PostgresCursor<R>,
    parameters: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<R>> | PostgresCursor<R> {
    if (typeof sql !== 'string') throw new Fault('The store reads in pages; it has no cursors.');
    // pg's own types leave the command open and the count empty where Kysely, which reads both, names them.
    return this.#client.query(sql, [...parameters]).catch(rethrow) as Promise<PostgresQueryResult<R>>;
  }

  release(destroy?: boolean): void {
    this.#client.release(destroy);
  }
}

function rethrow(error: unknown): never {
  throw postgresTrouble(error);
}
