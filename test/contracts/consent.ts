import { sql } from 'kysely';
import { termsVersion } from '../../src/people/consent.ts';
import type { Store } from '../../src/store/store.ts';

/**
 * From now on everybody has agreed to the terms as soon as they are known, also in later runs on the same SQLite database:
 * for tests and measurements of what comes after.
 */
export async function consentForAll(store: Store): Promise<void> {
  const version = sql.lit(termsVersion);
  await sql`create trigger if not exists consent_for_all after insert on people
    begin insert or ignore into consents (person_id, version, at) values (new.id, ${version}, 0); end`.execute(
    store.db,
  );
}
