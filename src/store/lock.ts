import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Refusal } from '../errors.ts';
import { fileTrouble, isSqliteBusy, sqliteTrouble } from './trouble.ts';

/** Held by the one bot of a data folder or a database. */
export interface BotLock {
  release(): Promise<void>;
}

/**
 * Takes the data folder for this bot, for as long as the process lives or until `release`. Tools (lists, backup) do not
 * take it and work beside the bot.
 *
 * The lock is SQLite's exclusive file lock on a small file of its own: the operating system drops it with the process,
 * however that ends, so there is never a stale one to clear away. Folders on network drives without working locks are
 * no place for SQLite either (https://sqlite.org/faq.html#q5).
 * @throws Refusal `store.in-use` where another bot has it. @throws Fault where the folder cannot be written.
 */
export function lockFolder(dataDir: string): BotLock {
  const file = path.join(dataDir, 'bot.lock');
  try {
    closeSync(openSync(file, 'a', 0o600));
  } catch (error) {
    throw fileTrouble(error, file);
  }
  const holder = new DatabaseSync(file, { timeout: 0 });
  try {
    holder.exec('pragma journal_mode = memory; pragma locking_mode = exclusive; begin exclusive');
  } catch (error) {
    holder.close();
    if (!isSqliteBusy(error)) throw sqliteTrouble(error, file);
    throw new Refusal(
      'store.in-use',
      `Another cowbot is already running on the data folder ${dataDir}. Stop it first, or give this one a folder of ` +
        'its own with COWBOT_DATA.',
      { folder: dataDir },
      { cause: error },
    );
  }
  return {
    release: async () => {
      if (holder.isOpen) holder.close();
    },
  };
}
