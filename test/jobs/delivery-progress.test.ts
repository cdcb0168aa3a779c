import { expect, it, onTestFinished } from 'vitest';
import type { Adapter, JobProgress } from '../../src/jobs/adapter.ts';
import { createProgressNotes } from '../../src/jobs/delivery-progress.ts';
import { ChatAdapter, ChatClient } from '../fakes/chat-adapter.ts';
import { startChat } from '../fakes/chat.ts';

async function place(minIntervalMs: number) {
  const { origin, close } = await startChat();
  const adapter: Adapter = new ChatAdapter(origin);
  const adapters = new Map([['test', adapter]]);
  const notes = createProgressNotes({ adapters, minIntervalMs, timeoutMs: 60_000 });
  onTestFinished(async () => {
    await notes.close();
    await close();
  });
  const chat = new ChatClient(origin);
  const jobIn = async (room: string, id: string) => ({
    id,
    platform: 'test',
    address: { chat: room, message: (await chat.post(room, id, '…')).id },
  });
  return { adapter, chat, notes, jobIn };
}

const at = (position: number): JobProgress => ({ state: 'queued', position, waitMs: 0 });
const text = (position: number) => JSON.stringify(at(position));

it('shows the latest only, one call at a time in a chat', async () => {
  const { chat, notes, jobIn } = await place(1);
  const job = await jobIn('c1', 'j1');
  for (let position = 9; position > 0; position--) notes.show(job, at(position));
  await expect.poll(() => chat.messages()).toMatchObject([{ shown: { text: text(1) }, edits: 2 }]);
});

it('leaves a chat its time between two calls, whichever job they are for', async () => {
  const { chat, notes, jobIn } = await place(3_600_000);
  const [first, second, other] = [await jobIn('c1', 'j1'), await jobIn('c1', 'j2'), await jobIn('c2', 'j3')];
  notes.show(first, at(1));
  notes.show(second, at(2));
  notes.show(other, at(3));
  await expect.poll(() => chat.messages()).toMatchObject([{ edits: 1 }, { edits: 0 }, { edits: 1 }]);
});

it('keeps to what the platform counts by, where that is less than a chat', async () => {
  const { adapter, chat, notes, jobIn } = await place(3_600_000);
  adapter.progressLane = ({ message }) => (typeof message === 'string' ? message : 'c1');
  const [first, second] = [await jobIn('c1', 'j1'), await jobIn('c1', 'j2')];
  notes.show(first, at(1));
  notes.show(second, at(2));
  notes.show(second, at(1));
  await expect.poll(() => chat.messages()).toMatchObject([{ edits: 1 }, { edits: 1 }]);
});

it('never comes after the end of its job', async () => {
  const { chat, notes, jobIn } = await place(1);
  await chat.setMode('c1', { kind: 'stuck', times: 1 });
  const job = await jobIn('c1', 'j1');
  notes.show(job, at(2));
  notes.show(job, at(1));
  await notes.end(job);
  await chat.setMode('c1', { kind: 'ok' });
  const other = await jobIn('c1', 'j2');
  notes.show(other, at(5));
  await expect.poll(() => chat.messages()).toMatchObject([{ edits: 0 }, { edits: 1 }]);
});

it('goes on after a call that failed', async () => {
  const { chat, notes, jobIn } = await place(1);
  await chat.setMode('c1', { kind: 'busy', times: 1, retryAfterMs: 1 });
  const job = await jobIn('c1', 'j1');
  notes.show(job, at(2));
  notes.show(job, at(1));
  await expect.poll(() => chat.messages()).toMatchObject([{ shown: { text: text(1) }, edits: 1 }]);
});
