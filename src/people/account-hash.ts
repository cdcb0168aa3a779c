/** What is remembered of forgotten people's accounts: hashes that only this bot can make again. */
import { createHmac, randomBytes } from 'node:crypto';
import type { Identity } from '../store/people.ts';
import type { Store } from '../store/store.ts';

const secretsOf = (store: Store) => store.keyv<string>('secrets');
const secretBytes = 32;

/**
 * By a key of this bot's own, so that nobody who has only the hash can find out whose it is by trying ids.
 * @returns one for each account, hexadecimal.
 */
export async function accountHashes(store: Store, accounts: readonly Identity[]): Promise<readonly string[]> {
  const secrets = secretsOf(store);
  let secret = await secrets.get('accounts');
  if (secret === undefined) {
    secret = randomBytes(secretBytes).toString('base64');
    await secrets.set('accounts', secret);
  }
  const key = Buffer.from(secret, 'base64');
  return accounts.map(({ platform, platformUserId }) =>
    createHmac('sha256', key).update(`${platform}:${platformUserId}`).digest('hex'),
  );
}
