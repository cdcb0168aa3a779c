import { describe, expect, it } from 'vitest';
import type { Outgoing, PostTarget } from '../../commands/contract/outgoing.ts';
import { type Reply, reply } from '../../commands/contract/reply.ts';
import { type Address, addressOf, type DeliverResult } from '../../src/jobs/adapter.ts';

/** A message as whoever is there sees it. */
export interface PostedMessage {
  readonly text: string;
  readonly buttons: readonly string[];
  readonly pictures: number;
  readonly files: number;
}

/** A platform that pretends, seen from outside. */
export interface OutgoingStage {
  readonly outgoing: Outgoing;
  /** A channel or group that has the bot in it, or a person whom it may write to. */
  readonly newTarget: (kind: PostTarget['kind']) => Promise<PostTarget>;
  /** The bot's messages there now, oldest first. */
  readonly messages: (target: PostTarget) => Promise<readonly PostedMessage[]>;
  /** `gone`: the channel is deleted, or the person. `closed`: the bot may not write there. `busy`: one call is refused. */
  readonly makeTrouble: (
    target: PostTarget,
    trouble: 'gone' | 'closed' | { readonly busyForMs: number },
  ) => Promise<void>;
  /** Whether the platform itself finds a message by its key. */
  readonly knowsKeys: boolean;
}

/** A PNG of one pixel. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

function card(text: string, parts: Partial<Reply> = {}): Reply {
  return reply({ kind: 'new', visibility: 'all', lines: [{ kind: 'plain', spans: [text] }], ...parts });
}

const approve = { label: 'Approve', pressId: 'v1:approve:c1', style: 'primary' } as const;
const picture = { png: async () => png, widthPx: 1, heightPx: 1, altText: 'a cow', isSpoiler: true };
const file = { name: 'all.json', mediaType: 'application/json', bytes: async () => Buffer.from('{}') };
const whole = card('A picture is held.', { rows: [[approve]], pictures: [picture] });

const { signal } = new AbortController();
const kinds = ['channel', 'person'] as const;
const aSentence = expect.stringMatching(/\S\.$/);

function addressIn(result: DeliverResult): Address {
  const address = result.kind === 'sent' ? addressOf(result.receipt) : undefined;
  if (address === undefined) throw new Error(`Expected an address, got ${JSON.stringify(result)}.`);
  return address;
}

/** What a bot relies on that speaks first. `newStage` is called inside a test and clears up after it. */
export function outgoingContract(newStage: () => Promise<OutgoingStage>): void {
  describe.each(kinds)('to a %s', (kind) => {
    it('posts words, a picture and buttons in one message', async () => {
      const { outgoing, newTarget, messages } = await newStage();
      const target = await newTarget(kind);
      expect(await outgoing.post(target, whole, { key: 'k1', signal })).toMatchObject({ kind: 'sent' });
      const shown = { text: 'A picture is held.', buttons: ['Approve'], pictures: 1, files: 0 };
      expect(await messages(target)).toEqual([shown]);
    });

    it('posts files', async () => {
      const { outgoing, newTarget, messages } = await newStage();
      const target = await newTarget(kind);
      await outgoing.post(target, card('All of it:', { files: [file] }), { key: 'k1', signal });
      const shown = await messages(target);
      expect(shown[0]?.text).toBe('All of it:');
      expect(shown.reduce((sum, { files }) => sum + files, 0)).toBe(1);
    });

    it('posts a message of its own for each key', async () => {
      const { outgoing, newTarget, messages, knowsKeys } = await newStage();
      const target = await newTarget(kind);
      const first = await outgoing.post(target, card('one'), { key: 'k1', signal });
      await outgoing.post(target, card('two'), { key: 'k2', signal });
      // Without keys the caller's receipt is what keeps a card from being posted twice.
      const again = knowsKeys ? await outgoing.post(target, card('one'), { key: 'k1', signal }) : first;
      expect(again).toEqual(first);
      expect((await messages(target)).map(({ text }) => text)).toEqual(['one', 'two']);
    });

    it('edits what it posted, wholly and as often as it is asked', async () => {
      const { outgoing, newTarget, messages } = await newStage();
      const target = await newTarget(kind);
      const address = addressIn(await outgoing.post(target, whole, { key: 'k1', signal }));
      for (let call = 0; call < 2; call++) {
        expect(await outgoing.edit(address, card('Approved.'), { signal })).toMatchObject({ kind: 'sent' });
        expect(await messages(target)).toMatchObject([{ text: 'Approved.', buttons: [] }]);
      }
    });

    it('removes what it posted; once more is fine', async () => {
      const { outgoing, newTarget, messages } = await newStage();
      const target = await newTarget(kind);
      const address = addressIn(await outgoing.post(target, whole, { key: 'k1', signal }));
      for (let call = 0; call < 2; call++) {
        expect(await outgoing.remove(address, { signal })).toMatchObject({ kind: 'sent' });
        expect(await messages(target)).toEqual([]);
      }
      expect(await outgoing.edit(address, card('Late.'), { signal })).toMatchObject({
        kind: 'never',
        reason: aSentence,
      });
    });

    it.each(['gone', 'closed'] as const)('says that it cannot, and why, where it is %s', async (trouble) => {
      const { outgoing, newTarget, makeTrouble } = await newStage();
      const target = await newTarget(kind);
      await makeTrouble(target, trouble);
      const never = { kind: 'never', reason: aSentence };
      expect(await outgoing.post(target, whole, { key: 'k1', signal })).toMatchObject(never);
    });

    it('passes on how long the platform wants to be left alone', async () => {
      const { outgoing, newTarget, messages, makeTrouble } = await newStage();
      const target = await newTarget(kind);
      const later = { kind: 'later', retryAfterMs: 7000 };
      await makeTrouble(target, { busyForMs: 7000 });
      expect(await outgoing.post(target, card('one'), { key: 'k1', signal })).toMatchObject(later);
      expect(await messages(target)).toEqual([]);
      expect(await outgoing.post(target, card('one'), { key: 'k1', signal })).toMatchObject({ kind: 'sent' });
    });
  });

  it('ends with its signal', async () => {
    const { outgoing, newTarget, messages } = await newStage();
    const target = await newTarget('channel');
    const stopped = AbortSignal.abort(new Error('enough'));
    await expect(outgoing.post(target, whole, { key: 'k1', signal: stopped })).rejects.toThrow('enough');
    expect(await messages(target)).toEqual([]);
  });

  it('does not know the addresses of others', async () => {
    const { outgoing } = await newStage();
    await expect(outgoing.edit({ chat: 'elsewhere' }, whole, { signal })).rejects.toThrow(/address/i);
    await expect(outgoing.remove({ chat: 'elsewhere' }, { signal })).rejects.toThrow(/address/i);
  });
}
