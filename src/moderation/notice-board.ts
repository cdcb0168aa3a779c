import type { DeliverResult } from '../jobs/adapter.ts';
import type { Backoff } from '../jobs/platform-call.ts';
import type { Log } from '../log.ts';
import type { Notice } from '../store/notices.ts';
import type { Store } from '../store/store.ts';

/** Whoever puts notices into words and onto a platform. */
export interface NoticeBoard {
  /** Posts it; the receipt says where it stands. May be called again after a crash. */
  post(notice: Notice, signal: AbortSignal): Promise<DeliverResult>;
  /** Has a card that stands say what is so now. */
  refresh(notice: Notice, signal: AbortSignal): Promise<DeliverResult>;
}

/** What telling people needs, and keeping true what they were told. */
export interface BoardOptions {
  readonly store: Store;
  readonly board: NoticeBoard;
  /** `platform:userId`. */
  readonly operators: ReadonlySet<string>;
  /** Now, in Unix ms. */
  readonly clock: () => number;
  readonly log: Log;
  /** Rows that others wrote are seen at the latest after this. */
  readonly pollMs: number;
}

/** How the board is called. @property maxAtOnce on one platform; a card has a picture, which is in memory. */
export const boardCalls: Backoff & { readonly timeoutMs: number; readonly maxAtOnce: number } = {
  timeoutMs: 60_000,
  firstBackoffMs: 2_000,
  maxBackoffMs: 600_000,
  maxAtOnce: 8,
};
