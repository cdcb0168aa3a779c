import type { Selectable } from 'kysely';
import { toObject } from './json.ts';
import type { DeliveriesTable, DeliveryState, Handle, JsonObject, Tx } from './tables.ts';

/** One thing to be said to a chat: fields as in `DeliveriesTable`, JSON read. */
export type Delivery = Readonly<Omit<Selectable<DeliveriesTable>, 'address' | 'receipt'>> & {
  readonly address: JsonObject;
  readonly receipt: JsonObject | null;
};

/** Puts a delivery into the outbox, once for each subject of a job; returns false where it is there already. */
export async function insertDelivery(
  tx: Tx,
  delivery: Pick<Delivery, 'id' | 'jobId' | 'subject' | 'adapter' | 'lane' | 'address' | 'createdAt'>,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('deliveries')
    .values({
      ...delivery,
      address: JSON.stringify(delivery.address),
      state: 'pending',
      attemptCount: 0,
      nextAttemptAt: delivery.createdAt,
      reason: null,
      reasonCode: null,
      sentAt: null,
      receipt: null,
    })
    .onConflict((conflict) => conflict.columns(['jobId', 'subject']).doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

export async function deliveryById(db: Handle, id: string): Promise<Delivery | undefined> {
  const row = await db.selectFrom('deliveries').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : toDelivery(row);
}

export async function deliveriesOfJob(db: Handle, jobId: string): Promise<readonly Delivery[]> {
  const rows = await db
    .selectFrom('deliveries')
    .selectAll()
    .where('jobId', '=', jobId)
    .orderBy('createdAt')
    .orderBy('id')
    .execute();
  return rows.map(toDelivery);
}

/**
 * Pending deliveries whose time has come, the longest due first.
 * @param due `busyLanes` are left out: their chats have a delivery on its way; so are `busyAdapters`.
 */
export async function dueDeliveries(
  db: Handle,
  due: {
    readonly now: number;
    readonly busyLanes: readonly string[];
    readonly busyAdapters?: readonly string[];
    readonly limit: number;
  },
): Promise<readonly Delivery[]> {
  let query = db
    .selectFrom('deliveries')
    .selectAll()
    .where('state', '=', 'pending')
    .where('nextAttemptAt', '<=', due.now);
  if (due.busyLanes.length > 0) query = query.where('lane', 'not in', due.busyLanes);
  if (due.busyAdapters !== undefined && due.busyAdapters.length > 0)
    query = query.where('adapter', 'not in', due.busyAdapters);
  const rows = await query.orderBy('nextAttemptAt').orderBy('id').limit(due.limit).execute();
  return rows.map(toDelivery);
}

/** When the next delivery that is not due at `after` will be (Unix ms), undefined: there is none. */
export async function nextDeliveryAt(db: Handle, after: number): Promise<number | undefined> {
  const row = await db
    .selectFrom('deliveries')
    .select('nextAttemptAt')
    .where('state', '=', 'pending')
    .where('nextAttemptAt', '>', after)
    .orderBy('nextAttemptAt')
    .limit(1)
    .executeTakeFirst();
  return row?.nextAttemptAt;
}

/** The platform has it. Returns false, with nothing changed, where it was no longer pending. */
export async function markSent(tx: Tx, id: string, sentAt: number, receipt: JsonObject): Promise<boolean> {
  return movePending(tx, id, { state: 'sent', sentAt, receipt: JSON.stringify(receipt), reason: null });
}

/** It failed and is tried again later. */
export async function postponeDelivery(
  tx: Tx,
  id: string,
  later: { readonly nextAttemptAt: number; readonly reason: string },
): Promise<boolean> {
  return movePending(tx, id, { state: 'pending', ...later });
}

/** It can never be sent. @param code names the reason where it has a name. */
export async function markUndeliverable(
  tx: Tx,
  id: string,
  reason: string,
  code: string | null = null,
): Promise<boolean> {
  return movePending(tx, id, { state: 'undeliverable', reason, reasonCode: code });
}

export async function countDeliveries(db: Handle, state: DeliveryState): Promise<number> {
  const { count } = await db
    .selectFrom('deliveries')
    .select((of) => of.fn.countAll<number>().as('count'))
    .where('state', '=', state)
    .executeTakeFirstOrThrow();
  return count;
}

async function movePending(tx: Tx, id: string, changes: Partial<Selectable<DeliveriesTable>>): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('deliveries')
    .set((of) => ({ ...changes, attemptCount: of('attemptCount', '+', 1) }))
    .where('id', '=', id)
    .where('state', '=', 'pending')
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

function toDelivery(row: Selectable<DeliveriesTable>): Delivery {
  return {
    ...row,
    address: toObject(row.address, 'deliveries.address'),
    receipt: row.receipt === null ? null : toObject(row.receipt, 'deliveries.receipt'),
  };
}

/** As `moveJobAddress`: what still waits to be said is said at the new address. */
export async function moveDeliveryAddress(tx: Tx, from: JsonObject, to: JsonObject): Promise<void> {
  await tx
    .updateTable('deliveries')
    .set({ address: JSON.stringify(to) })
    .where('address', '=', JSON.stringify(from))
    .execute();
}
