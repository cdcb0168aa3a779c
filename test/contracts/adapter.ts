import { describe, expect, it } from 'vitest';
import type { Adapter, Address, Content, DeliveredPicture } from '../../src/jobs/adapter.ts';

/** A platform that pretends, seen from outside: what its people see, and what goes wrong in its chats. */
export interface Stage {
  readonly adapter: Adapter;
  /** A chat with one placeholder message in it. */
  readonly newPlaceholder: () => Promise<Address>;
  /** Everything that is in the address's chat: what each message says, and how many pictures it shows. */
  readonly messages: (address: Address) => Promise<readonly { readonly text: string; readonly pictures: number }[]>;
  /** From now on in the address's chat: `busy` refuses `times` calls, `deaf` takes one and does not answer it. */
  readonly makeTrouble: (
    address: Address,
    trouble: 'gone' | 'stuck' | 'deaf' | { readonly busyTimes: number; readonly retryAfterMs: number },
  ) => Promise<void>;
}

/** A PNG of one pixel. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

const picture = (number: number): DeliveredPicture => ({
  number,
  seed: number,
  widthPx: 1,
  heightPx: 1,
  png: async () => png,
});

const done: Content = {
  jobId: 'j1',
  state: 'done',
  prompt: 'a cow',
  pictures: [picture(0), picture(1)],
  isUnshared: false,
  code: null,
  sentence: null,
};

/** What the jobs rely on, whatever the platform. `newStage` is called inside a test and clears up after it. */
export function adapterContract(newStage: () => Promise<Stage>): void {
  const patient = { signal: new AbortController().signal };

  describe('deliver', () => {
    it('turns the placeholder into the result, and a repeated call leaves it so', async () => {
      const { adapter, newPlaceholder, messages } = await newStage();
      const address = await newPlaceholder();
      for (let call = 0; call < 3; call++) {
        expect(await adapter.deliver(address, done, patient)).toMatchObject({ kind: 'sent' });
        expect(await messages(address)).toMatchObject([{ pictures: 2 }]);
      }
    });

    it('says why there is no picture', async () => {
      const { adapter, newPlaceholder, messages } = await newStage();
      for (const state of ['failed', 'refused', 'cancelled', 'removed'] as const) {
        const address = await newPlaceholder();
        const sentence = `It ${state} for a reason.`;
        await adapter.deliver(address, { ...done, state, pictures: [], code: 'a.code', sentence }, patient);
        expect(await messages(address)).toEqual([{ text: expect.stringContaining(sentence), pictures: 0 }]);
      }
    });

    it('takes pictures away that were removed since', async () => {
      const { adapter, newPlaceholder, messages } = await newStage();
      const address = await newPlaceholder();
      await adapter.deliver(address, done, patient);
      await adapter.deliver(address, { ...done, state: 'removed', pictures: [] }, patient);
      expect(await messages(address)).toMatchObject([{ pictures: 0 }]);
    });

    it('passes on how long the platform wants to be left alone', async () => {
      const { adapter, newPlaceholder, messages, makeTrouble } = await newStage();
      const address = await newPlaceholder();
      await makeTrouble(address, { busyTimes: 1, retryAfterMs: 7000 });
      expect(await adapter.deliver(address, done, patient)).toMatchObject({ kind: 'later', retryAfterMs: 7000 });
      expect(await messages(address)).toMatchObject([{ pictures: 0 }]);
      expect(await adapter.deliver(address, done, patient)).toMatchObject({ kind: 'sent' });
    });

    it('says that a chat is gone for ever, and why', async () => {
      const { adapter, newPlaceholder, makeTrouble } = await newStage();
      const address = await newPlaceholder();
      await makeTrouble(address, 'gone');
      expect(await adapter.deliver(address, done, patient)).toMatchObject({
        kind: 'never',
        reason: expect.stringMatching(/\.$/),
      });
    });

    it('ends with its signal in a chat that is stuck, while other chats go on', async () => {
      const { adapter, newPlaceholder, makeTrouble } = await newStage();
      const [stuck, other] = [await newPlaceholder(), await newPlaceholder()];
      await makeTrouble(stuck, 'stuck');
      const stop = new AbortController();
      const call = adapter.deliver(stuck, done, { signal: stop.signal });
      expect(await adapter.deliver(other, done, patient)).toMatchObject({ kind: 'sent' });
      stop.abort(new Error('enough'));
      await expect(call).rejects.toThrow('enough');
    });

    it('can be repeated when nobody knows whether it got through', async () => {
      const { adapter, newPlaceholder, messages, makeTrouble } = await newStage();
      const address = await newPlaceholder();
      await makeTrouble(address, 'deaf');
      const stop = new AbortController();
      const call = adapter.deliver(address, done, { signal: stop.signal });
      await expect.poll(() => messages(address)).toMatchObject([{ pictures: 2 }]);
      stop.abort(new Error('enough'));
      await expect(call).rejects.toThrow('enough');
      expect(await adapter.deliver(address, done, patient)).toMatchObject({ kind: 'sent' });
      expect(await messages(address)).toMatchObject([{ pictures: 2 }]);
    });
  });

  describe('showProgress', () => {
    it('shows it in the placeholder, and the result takes its place', async () => {
      const { adapter, newPlaceholder, messages } = await newStage();
      const address = await newPlaceholder();
      const running = { state: 'running', phase: 'cycles', done: 7, total: 9, remainingMs: 4000 } as const;
      await adapter.showProgress(address, { state: 'queued', position: 3, waitMs: 60_000 }, patient);
      const before = await messages(address);
      await adapter.showProgress(address, running, patient);
      const after = await messages(address);
      expect([before.length, after.length]).toEqual([1, 1]);
      expect(after).not.toEqual(before);
      await adapter.deliver(address, done, patient);
      expect(await messages(address)).toMatchObject([{ pictures: 2 }]);
    });
  });

  it('ends its calls when it is closed', async () => {
    const { adapter, newPlaceholder, makeTrouble } = await newStage();
    const address = await newPlaceholder();
    await makeTrouble(address, 'stuck');
    const call = adapter.deliver(address, done, patient);
    await Promise.all([expect(call).rejects.toThrow(/closed/), adapter.close()]);
  });
}
