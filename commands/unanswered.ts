/**
 * Placeholders whose request is not stored yet: the photo is still coming. Who dies in between leaves them here, and the
 * next start makes an answer of each.
 */
import { type Address, addressOf } from '../src/jobs/adapter.ts';
import { jobByIdempotencyKey } from '../src/store/jobs.ts';
import type { Store } from '../src/store/store.ts';
import type { JsonObject } from '../src/store/tables.ts';
import { type Reply, reply } from './contract/reply.ts';
import { type Language, type Words } from './languages/languages.ts';
import { presentationOf } from './presentation.ts';

const placeholdersOf = (store: Store, platform: string) => store.keyv<JsonObject>(`unanswered:${platform}`);

export async function rememberPlaceholder(store: Store, platform: string, key: string, address: Address) {
  await placeholdersOf(store, platform).set(key, address);
}

export async function forgetPlaceholder(store: Store, platform: string, key: string): Promise<void> {
  await placeholdersOf(store, platform).delete(key);
}

/**
 * At the start, before any act: makes an answer of each placeholder that the last process left without a job.
 * @param edit as an adapter edits a message; what it throws ends nothing, the placeholder is then left as it is.
 */
export async function answerLeftPlaceholders(
  store: Store,
  platform: string,
  wordsOf: (language: Language) => Words,
  edit: (address: Address, reply: Reply) => Promise<unknown>,
): Promise<number> {
  const left = placeholdersOf(store, platform);
  let count = 0;
  for await (const [key, value] of left.iterator?.({}) ?? []) {
    const address = addressOf(value);
    if (address !== undefined && (await jobByIdempotencyKey(store.db, key)) === undefined) {
      const words = wordsOf(presentationOf(address)?.language ?? 'en');
      const lines = [{ kind: 'plain', spans: [words.say('start-job.restarted')] }] as const;
      await edit(address, reply({ kind: 'edit-placeholder', visibility: 'all', lines })).catch(() => undefined);
      count += 1;
    }
    await left.delete(key);
  }
  return count;
}
