import { Keyv } from 'keyv';
import { DatabaseKeyvAdapter, type KeyvAdapterOptions } from './keyv-adapter.ts';
import type { Tx } from './tables.ts';

/**
 * Settings, cooldowns or a cache: values by key in a namespace of their own, kept in the project's database. Whoever reads
 * a value and sets what follows from it may undo what somebody else has set in between: that goes through `changeValue`.
 * @param ttlMs how long a value stays by default; undefined: until it is deleted.
 * @returns a Keyv whose failures are thrown; without that Keyv answers a failed write with `false`.
 */
export function openKeyv<Value>(options: KeyvAdapterOptions, namespace: string, ttlMs?: number): Keyv<Value> {
  return new Keyv<Value>({
    store: new DatabaseKeyvAdapter(options),
    namespace,
    useKeyPrefix: false,
    throwOnErrors: true,
    emitErrors: false,
    ...(ttlMs === undefined ? {} : { ttl: ttlMs }),
  });
}

/** In the past at any time: nobody reads such a row. */
const unread = 0;

/**
 * Changes a value that stays until it is deleted, together with the rest of a transaction. Whoever else changes it at the
 * same moment waits for the end of this one and goes on from what it left.
 * @param change gets the value; undefined, here and there: none.
 */
export async function changeValue<Value>(
  tx: Tx,
  { namespace, key }: { readonly namespace: string; readonly key: string },
  change: (before: Value | undefined) => Value | undefined,
): Promise<{ readonly before: Value | undefined; readonly after: Value | undefined }> {
  // Locks the row, on both databases and also where there was none yet.
  await tx
    .insertInto('keyv')
    .values({ namespace, key, value: '', expiresAt: unread })
    .onConflict((conflict) =>
      conflict.columns(['namespace', 'key']).doUpdateSet((of) => ({ value: of.ref('keyv.value') })),
    )
    .execute();
  const values = openKeyv<Value>({ db: tx, clock: () => unread }, namespace);
  const before = await values.get(key);
  const after = change(before);
  if (after === undefined) await values.delete(key);
  else await values.set(key, after);
  return { before, after };
}

/** Deletes values whose time is over, at most `limit`; returns how many. They are invisible before. */
export async function dropExpiredValues(tx: Tx, now: number, limit: number): Promise<number> {
  const due = await tx
    .selectFrom('keyv')
    .select(['namespace', 'key'])
    .where('expiresAt', 'is not', null)
    .where('expiresAt', '<=', now)
    .orderBy('expiresAt')
    .limit(limit)
    .execute();
  for (const { namespace, key } of due) {
    await tx
      .deleteFrom('keyv')
      .where('namespace', '=', namespace)
      .where('key', '=', key)
      .where('expiresAt', '<=', now)
      .execute();
  }
  return due.length;
}

/**
 * Deletes all values of a person; returns how many. Theirs is what lies under their id, alone or before a colon, what names
 * their id, what lies under `platform:…:account`, and what was to be said to their account.
 */
export async function eraseValues(
  tx: Tx,
  who: {
    readonly personId: string;
    readonly identities: readonly { readonly platform: string; readonly platformUserId: string }[];
  },
): Promise<number> {
  const { personId, identities } = who;
  const { numDeletedRows } = await tx
    .deleteFrom('keyv')
    .where((of) =>
      of.or([
        of('key', '=', personId),
        of('key', 'like', `${personId}:%`),
        of('key', 'like', `%"${personId}"%`),
        of('value', 'like', `%"${personId}"%`),
        ...identities.flatMap(({ platform, platformUserId }) => [
          of.and([of('key', 'like', `${platform}:%`), of('key', 'like', `%:${platformUserId}`)]),
          of('value', 'like', `%"askerId":"${platformUserId}"%`),
        ]),
      ]),
    )
    .executeTakeFirst();
  return Number(numDeletedRows);
}
