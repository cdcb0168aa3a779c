import { Fault } from '../errors.ts';

/**
 * The databases' and the file system's own complaints as sentences that an operator can act on. What is nobody's
 * trouble but the caller's (a broken constraint, a mistake in SQL) is passed on as it came.
 */

/** Primary result codes, https://sqlite.org/rescode.html; an extended code keeps its primary one in the low byte. */
const SQLITE = { busy: 5, locked: 6, readonly: 8, ioerr: 10, corrupt: 11, full: 13, cantopen: 14, notadb: 26 } as const;

function property(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null && name in error ? Reflect.get(error, name) : undefined;
}

function sqliteCode(error: unknown): number | undefined {
  const code = property(error, 'errcode');
  return typeof code === 'number' ? code & 0xff : undefined;
}

/** Another connection holds the lock: the statement had no effect and may be tried again. */
export function isSqliteBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === SQLITE.busy || code === SQLITE.locked;
}

/** @param file the database's path, named in the sentence. */
export function sqliteTrouble(error: unknown, file: string): unknown {
  const passing = (sentence: string) => new Fault(sentence, { cause: error, mayPass: true });
  switch (sqliteCode(error)) {
    case SQLITE.busy:
    case SQLITE.locked:
      return passing(`The database ${file} is locked by another program. Nothing was changed; close that program.`);
    case SQLITE.readonly:
      return passing(`The database ${file} cannot be written: its folder or file is read-only. Make it writable.`);
    case SQLITE.ioerr:
      return passing(`Reading or writing the database ${file} failed. Look at the disk and its free space.`);
    case SQLITE.full:
      return passing(`The disk that holds the database ${file} is full. Nothing was changed; free some space.`);
    case SQLITE.cantopen:
      return passing(`The database ${file} cannot be opened. The folder must be there and writable by this user.`);
    case SQLITE.corrupt:
    case SQLITE.notadb:
      return new Fault(
        `The database ${file} is damaged. Stop cowbot, keep a copy of the folder, and restore the last backup ` +
          'with `cowbot restore`.',
        { cause: error },
      );
    default:
      return error;
  }
}

/** SQLSTATE classes and codes, https://www.postgresql.org/docs/current/errcodes-appendix.html. */
export function postgresTrouble(error: unknown): unknown {
  const code = property(error, 'code');
  if (typeof code !== 'string') {
    // pg reports a connection that broke or did not come in time by its text alone.
    return error instanceof Error &&
      /^Connection terminated|not queryable$|timeout exceeded when trying to connect/.test(error.message)
      ? unreachable(error)
      : error;
  }
  const passing = (sentence: string) => new Fault(sentence, { cause: error, mayPass: true });
  if (code === '53100')
    return passing('The disk of the PostgreSQL server is full. Nothing was changed; free some space.');
  if (code === '25006') return passing('PostgreSQL accepts no writes now: it is a standby or set to read-only.');
  if (code === '40001' || code === '40P01') return passing('PostgreSQL gave way to another transaction; try again.');
  if (code.startsWith('53')) return passing('PostgreSQL has no room for more: too many connections or no memory.');
  if (code.startsWith('XX')) {
    return new Fault('PostgreSQL reports damaged data. Look at its log and restore the last backup.', { cause: error });
  }
  if (code === '28P01' || code === '28000' || code === '3D000') {
    return new Fault('PostgreSQL refuses the user, password or database that DATABASE_URL names. Correct it.', {
      cause: error,
    });
  }
  return code.startsWith('08') || code.startsWith('57P') || /^E[A-Z]+$/.test(code) ? unreachable(error) : error;
}

function unreachable(error: unknown): Fault {
  return new Fault('PostgreSQL cannot be reached at the address that DATABASE_URL names. Is it running?', {
    cause: error,
    mayPass: true,
  });
}

/** A transaction that lost against another one, had no effect, and deserves to be run again. */
export function gaveWay(error: unknown): boolean {
  const code = property(error instanceof Fault ? error.cause : error, 'code');
  return code === '40001' || code === '40P01';
}

/** PostgreSQL kept a row because another one refers to it. */
export function isStillReferred(error: unknown): boolean {
  return property(error, 'code') === '23503';
}

/** The system's name of a file system error, `ENOSPC`. */
export function fileCode(error: unknown): string | undefined {
  const code = property(error, 'code');
  return typeof code === 'string' ? code : undefined;
}

/** @param path what could not be read or written, named in the sentence. */
export function fileTrouble(error: unknown, path: string): unknown {
  const passing = (sentence: string) => new Fault(sentence, { cause: error, mayPass: true });
  switch (fileCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return passing(`The disk that holds ${path} is full. Nothing was kept; free some space.`);
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return passing(
        `${path} cannot be written: the folder is read-only or belongs to another user. Make it writable.`,
      );
    case 'EMFILE':
    case 'ENFILE':
      return passing(`${path} cannot be opened: too many files are open.`);
    case 'EIO':
      return passing(`Reading or writing ${path} failed. Look at the disk.`);
    default:
      return error;
  }
}
