/** What a bot of the crowd is told, and where its people are. */
import type { Death } from '../crash/processes.ts';

/** As its only argument in JSON. */
export interface CrowdOrders {
  readonly dataDir: string;
  /** Of PostgreSQL; null: SQLite in the data folder. */
  readonly databaseUrl: string | null;
  readonly chatOrigin: string;
  readonly seed: number;
  readonly people: number;
  /** Requests to have asked for, those of earlier bots included. */
  readonly pictures: number;
  /** What everybody together does before it is quiet. */
  readonly acts: number;
  /** After that whatever is open is decided, and the bot ends when nothing is left to be done. */
  readonly isLast: boolean;
  readonly death: Death | undefined;
}

/** Moments of the crowd's own, besides those between two statements. */
export const anAct = 'before an act';
export const quiet = 'everybody is quiet';

/** Nobody can post there any more: what was meant for it goes to whoever runs the bot. */
export const closedChannel = 'closed-desk';
export const operator = 'boss';

/** How results are shown there, and where its moderators are told. */
export const rooms = [
  { id: 'room-0', showing: 'at-once', moderators: 'desk' },
  { id: 'room-1', showing: 'after-review', moderators: undefined },
  { id: 'room-2', showing: 'asker', moderators: closedChannel },
] as const;

export function requestKey(request: number): string {
  return `test:${request}`;
}
