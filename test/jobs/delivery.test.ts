import { describe, expect, it, onTestFinished } from 'vitest';
import { Fault } from '../../src/errors.ts';
import type { Adapter } from '../../src/jobs/adapter.ts';
import type { ProgressNotes } from '../../src/jobs/delivery-progress.ts';
import { deliveryDefaults, type DeliverySettings, type Outbox, startOutbox } from '../../src/jobs/delivery.ts';
import { createLog } from '../../src/log.ts';
import { auditPage, verifyAudit } from '../../src/store/audit.ts';
import { addBlobRef } from '../../src/store/blob-rows.ts';
import { deliveriesOfJob, insertDelivery } from '../../src/store/deliveries.ts';
import { insertJob, moveJob } from '../../src/store/jobs.ts';
import { insertPicture } from '../../src/store/pictures.ts';
import type { Store } from '../../src/store/store.ts';
import { opened, StoppedClock, temporaryFolder } from '../contracts/place.ts';
import { newJob, settle } from '../contracts/rows.ts';
import { ChatAdapter, ChatClient } from '../fakes/chat-adapter.ts';
import { startChat } from '../fakes/chat.ts';

const clock = new StoppedClock();

async function place() {
  const store = await opened({ dataDir: await temporaryFolder() }, { clock: clock.read });
  await settle(store);
  const chat = await startChat();
  onTestFinished(chat.close);
  return { store, chat: new ChatClient(chat.origin), origin: chat.origin };
}

/** An outbox over the small chat; closed when the test is over, if it has not been before. */
function outboxOf(
  store: Store,
  origin: string,
  settings: Partial<DeliverySettings> = {},
  progress: Pick<ProgressNotes, 'end'> = { end: async () => {} },
): Outbox {
  const adapters = new Map<string, Adapter>([['test', new ChatAdapter(origin)]]);
  const outbox = startOutbox({
    store,
    adapters,
    progress,
    clock: clock.read,
    log: createLog('silent'),
    settings: { ...deliveryDefaults, firstBackoffMs: 1, ...settings },
  });
  onTestFinished(() => outbox.close(AbortSignal.abort()));
  return outbox;
}

/** A job that is done, its placeholder, and its result in the outbox. */
async function finishedJob(store: Store, chat: ChatClient, id: string, room = 'c1'): Promise<void> {
  const { id: message } = await chat.post(room, `nonce-${id}`, '…');
  const address = { chat: room, message };
  const { hash } = await store.blobs.put(Buffer.from(`picture of ${id}`), 'image/png');
  await store.transaction(async (tx) => {
    await insertJob(tx, newJob(id, { address, state: 'done', count: 1 }));
    await addBlobRef(tx, { hash, ownerKind: 'picture', ownerId: `${id}:0`, role: 'png' });
    const picture = { jobId: id, number: 0, state: 'kept', seed: 1, widthPx: 1, heightPx: 1 } as const;
    await insertPicture(tx, {
      ...picture,
      pngHash: hash,
      previewHash: null,
      latentsHash: null,
      engineMs: 1,
      createdAt: 1,
    });
    await insertDelivery(tx, {
      id: `d-${id}`,
      jobId: id,
      subject: 'result',
      adapter: 'test',
      lane: `test:${room}`,
      address,
      createdAt: clock.now,
    });
  });
}

const stateOf = async (store: Store, id: string) => (await deliveriesOfJob(store.db, id))[0];
const sent = { state: 'sent' };

describe('the outbox', () => {
  it('brings a result to its placeholder and writes it down with its audit row', async () => {
    const { store, chat, origin } = await place();
    await finishedJob(store, chat, 'job');
    outboxOf(store, origin);
    await expect
      .poll(() => stateOf(store, 'job'))
      .toMatchObject({ ...sent, sentAt: clock.now, receipt: { message: 'm1' } });
    expect(await chat.messages()).toMatchObject([{ edits: 1, shown: { job: 'job', state: 'done' } }]);
    expect((await chat.messages())[0]?.shown.pictures).toHaveLength(1);
    expect(await auditPage(store.db, { subject: 'job:job' }, { limit: 9 })).toMatchObject([
      { action: 'delivery.sent' },
    ]);
    expect((await verifyAudit(store.db)).brokenAt).toBeUndefined();
  });

  it('notices a new row when it is woken', async () => {
    const { store, chat, origin } = await place();
    const outbox = outboxOf(store, origin, { pollMs: 3_600_000 });
    await finishedJob(store, chat, 'one');
    outbox.wake();
    await expect.poll(() => stateOf(store, 'one')).toMatchObject(sent);
    await finishedJob(store, chat, 'two');
    outbox.wake();
    await expect.poll(() => stateOf(store, 'two')).toMatchObject(sent);
  });

  it('notices a row of another process by itself', async () => {
    const { store, chat, origin } = await place();
    outboxOf(store, origin, { pollMs: 5 });
    await finishedJob(store, chat, 'job');
    await expect.poll(() => stateOf(store, 'job')).toMatchObject(sent);
  });

  it('leaves a chat alone for as long as the platform says, with all that waits for it', async () => {
    const { store, chat, origin } = await place();
    await chat.setMode('c1', { kind: 'busy', times: 1, retryAfterMs: 5000 });
    await finishedJob(store, chat, 'a');
    await finishedJob(store, chat, 'b');
    await finishedJob(store, chat, 'elsewhere', 'c2');
    const outbox = outboxOf(store, origin, { pollMs: 5 });
    await expect.poll(() => stateOf(store, 'elsewhere')).toMatchObject(sent);
    await expect.poll(() => stateOf(store, 'a')).toMatchObject({ state: 'pending', nextAttemptAt: clock.now + 5000 });
    expect(await stateOf(store, 'b')).toMatchObject({ state: 'pending', attemptCount: 0 });
    clock.now += 5000;
    outbox.wake();
    await expect.poll(() => stateOf(store, 'a')).toMatchObject({ ...sent, attemptCount: 2 });
    await expect.poll(() => stateOf(store, 'b')).toMatchObject(sent);
  });

  it('lets a stuck chat hold up nobody else, and tries it again', async () => {
    const { store, chat, origin } = await place();
    await chat.setMode('c1', { kind: 'stuck', times: 1 });
    await finishedJob(store, chat, 'first');
    await finishedJob(store, chat, 'second');
    for (let i = 0; i < 20; i++) await finishedJob(store, chat, `other-${i}`, `other-${i}`);
    const outbox = outboxOf(store, origin, { attemptTimeoutMs: 400, pollMs: 5, maxAtOnce: 2 });
    for (let i = 0; i < 20; i++) await expect.poll(() => stateOf(store, `other-${i}`)).toMatchObject(sent);
    await expect.poll(() => stateOf(store, 'first')).toMatchObject({ attemptCount: 1 });
    // One call at a time in a chat, and the one that is due the longest first.
    expect(await chat.messages('c1')).toMatchObject([{ edits: 0 }, {}]);
    clock.now += 1000;
    outbox.wake();
    await expect.poll(() => stateOf(store, 'first')).toMatchObject(sent);
    await expect.poll(() => stateOf(store, 'second')).toMatchObject(sent);
  });

  it('gives up at once on a chat that is gone, and keeps the reason', async () => {
    const { store, chat, origin } = await place();
    await chat.setMode('c1', { kind: 'gone' });
    await finishedJob(store, chat, 'job');
    outboxOf(store, origin);
    const ended = { state: 'undeliverable', reason: 'The chat was deleted.' };
    await expect.poll(() => stateOf(store, 'job')).toMatchObject(ended);
    expect(await auditPage(store.db, { subject: 'job:job' }, { limit: 9 })).toMatchObject([
      { action: 'delivery.undeliverable', reason: 'The chat was deleted.' },
    ]);
  });

  it('backs off further each time, and gives up when the time for it is over', async () => {
    const { store, chat, origin } = await place();
    await chat.setMode('c1', { kind: 'stuck', times: 1e9 });
    await finishedJob(store, chat, 'job');
    const from = clock.now;
    const settings = { attemptTimeoutMs: 5, firstBackoffMs: 1000, maxBackoffMs: 3000, giveUpAfterMs: 8000 };
    const outbox = outboxOf(store, origin, { ...settings, pollMs: 5 });
    for (const nextAttemptAt of [1000, 3000, 6000, 8000]) {
      await expect.poll(() => stateOf(store, 'job')).toMatchObject({ nextAttemptAt: from + nextAttemptAt });
      clock.now = from + nextAttemptAt;
      outbox.wake();
    }
    const reason = 'The chat did not answer within 5 ms.';
    await expect.poll(() => stateOf(store, 'job')).toMatchObject({ state: 'undeliverable', reason });
  });

  it('keeps a result for an adapter that is off', async () => {
    const { store, chat, origin } = await place();
    await finishedJob(store, chat, 'job');
    const off = startOutbox({
      store,
      adapters: new Map(),
      progress: { end: async () => {} },
      clock: clock.read,
      log: createLog('silent'),
      settings: deliveryDefaults,
    });
    await expect
      .poll(() => stateOf(store, 'job'))
      .toMatchObject({ state: 'pending', reason: 'The test adapter is off.' });
    await off.close(AbortSignal.abort());
    clock.now += 60_000;
    outboxOf(store, origin);
    await expect.poll(() => stateOf(store, 'job')).toMatchObject(sent);
  });

  it('says in the end that a stored picture is damaged', async () => {
    const { store, chat, origin } = await place();
    await finishedJob(store, chat, 'job');
    const failing = { ...store, blobs: store.blobs };
    await store.db
      .updateTable('pictures')
      .set({ pngHash: 'f'.repeat(64) })
      .execute();
    outboxOf(failing, origin);
    await expect
      .poll(() => stateOf(store, 'job'))
      .toMatchObject({ state: 'undeliverable', reason: `The stored file ${'f'.repeat(64)} is missing.` });
  });

  it('has nothing to say of a job that goes on again', async () => {
    const { store, chat, origin } = await place();
    await finishedJob(store, chat, 'job');
    await store.transaction((tx) => moveJob(tx, { id: 'job', from: 'done', to: 'queued' }));
    outboxOf(store, origin);
    await expect.poll(() => stateOf(store, 'job')).toMatchObject({ state: 'undeliverable' });
    expect(await chat.messages()).toMatchObject([{ edits: 0 }]);
  });

  it('delivers once more, harmlessly, where the database could not take the answer', async () => {
    const { store, chat, origin } = await place();
    await finishedJob(store, chat, 'job');
    let failures = 2;
    const failing: Store = {
      ...store,
      transaction: async (work) => {
        if (failures-- > 0) throw new Fault('The disk is full.', { mayPass: true });
        return store.transaction(work);
      },
    };
    const outbox = outboxOf(failing, origin, { pollMs: 5 });
    // It does not hammer the chat meanwhile.
    await expect.poll(() => failures).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(failures).toBe(1);
    const turns = setInterval(() => {
      clock.now += 1000;
      outbox.wake();
    }, 5);
    onTestFinished(() => clearInterval(turns));
    await expect.poll(() => stateOf(store, 'job')).toMatchObject(sent);
    const [message] = await chat.messages();
    expect(message).toMatchObject({ edits: 3, results: [expect.any(String)] });
  });

  it('ends the progress of a job before its result', async () => {
    const { store, chat, origin } = await place();
    await finishedJob(store, chat, 'job');
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    outboxOf(store, origin, {}, { end: async ({ id }) => (id === 'job' ? ended : undefined) });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await chat.messages()).toMatchObject([{ edits: 0 }]);
    end();
    await expect.poll(() => stateOf(store, 'job')).toMatchObject(sent);
  });

  it('closes within its signal, and the next process delivers', async () => {
    const { store, chat, origin } = await place();
    await chat.setMode('c1', { kind: 'deaf', times: 1 });
    await finishedJob(store, chat, 'job');
    const first = outboxOf(store, origin);
    await expect.poll(() => chat.messages()).toMatchObject([{ edits: 1 }]);
    await first.close(AbortSignal.timeout(20));
    expect(await stateOf(store, 'job')).toMatchObject({ state: 'pending', attemptCount: 0 });
    outboxOf(store, origin);
    await expect.poll(() => stateOf(store, 'job')).toMatchObject(sent);
    expect(await chat.messages()).toMatchObject([{ edits: 2, results: [expect.any(String)] }]);
  });
});
