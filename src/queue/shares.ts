import type { HeapItem } from './heap.ts';

/** What an operator sets. */
export type ShareSettings = Readonly<{
  /** How long until half of what an idle share is ahead by is forgotten, over 0. */
  halfLifeMs: number;
  /** How many pictures of one person may be painted at once, over both platforms and all communities: 1 and up. */
  maxRunningPerPerson: number;
}>;

/** A job as it is asked for: `units` pictures of `unitCostMs` estimated engine milliseconds each (see cost.ts). */
export type ShareJob = Readonly<{
  id: string;
  /** The person, not the account: accounts linked over platforms share one id. */
  person: string;
  /** Platform and chat or guild. */
  community: string;
  /** 1 and up. */
  units: number;
  /** Over 0. */
  unitCostMs: number;
}>;

/** A job with pictures that are not started yet, and its neighbours in its person's line. */
export type WaitingJob = {
  readonly id: string;
  readonly leaf: Leaf;
  readonly unitCostMs: number;
  units: number;
  before: WaitingJob | undefined;
  after: WaitingJob | undefined;
};

/**
 * A flow of the tree. `tag` is the start tag of its next picture: charged cost over weight, on the scale of its parent's
 * `virtualTag`. `running` counts its pictures being painted; `idleSinceMs` is when it last had nothing to be picked, or
 * its last picture ended.
 */
type Flow = HeapItem & { weight: number; running: number; idleSinceMs: number };

/** One person in one community. */
export type Leaf = Flow & {
  readonly community: Community;
  readonly person: Person;
  waitingUnits: number;
  waitingCostMs: number;
  /** The picture painted in another community that last moved this tag; its true-up moves it again. */
  movedBy: string | undefined;
};

export type Community = Flow & {
  readonly id: string;
  /** Start tag of the leaf picked last. */
  virtualTag: number;
  /** Heap of the people here who may be picked. */
  readonly active: Leaf[];
  readonly leaves: Map<string, Leaf>;
  /** The leaves with a job waiting, whether they may be picked or not. */
  readonly waiting: Set<Leaf>;
  waitingUnits: number;
  waitingCostMs: number;
};

/** A person between two communities; `tag` is the root's virtual tag at which they may enter `leaf`. */
type Hold = HeapItem & { readonly leaf: Leaf };

/** A person's latest start: where, at which tag of the root, and what it was charged. */
export type LastStart = {
  readonly unitId: string;
  readonly community: Community;
  readonly rootTag: number;
  costMs: number;
  readonly atMs: number;
};

export type Person = {
  readonly id: string;
  /** The line: jobs in the order of asking, over all communities. Linked, because it is left at both ends and between. */
  firstJob: WaitingJob | undefined;
  lastJob: WaitingJob | undefined;
  waitingJobs: number;
  readonly leaves: Map<string, Leaf>;
  /** The one leaf through which this person may be picked now. */
  place: Leaf | undefined;
  hold: Hold | undefined;
  running: number;
  waitingUnits: number;
  /** What this person adds to `eligibleUnits`. */
  eligibleUnits: number;
  last: LastStart | undefined;
  /** Engine time used, oldest first, for at least the last hour. */
  readonly used: { readonly endedAtMs: number; readonly engineMs: number }[];
};

/** A picture being painted. */
export type RunningUnit = {
  readonly unitId: string;
  readonly jobId: string;
  readonly leaf: Leaf;
  readonly estimateMs: number;
  readonly startedAtMs: number;
};

/**
 * The whole of the queue's memory: data only, changed in place by the functions of policy.ts and by nothing else. It is
 * rebuilt from the database at start (rebuild.ts).
 */
export type FairShareState = {
  readonly settings: ShareSettings;
  /** Start tag of the community picked last. */
  virtualTag: number;
  /** Heap of the communities with somebody who may be picked. */
  readonly active: Community[];
  /** Heap of the people between two communities. */
  readonly held: Hold[];
  readonly communities: Map<string, Community>;
  readonly people: Map<string, Person>;
  readonly jobs: Map<string, WaitingJob>;
  readonly running: Map<string, RunningUnit>;
  sequence: number;
  /** Waiting pictures of people who may be picked: over 0 exactly when `pickUnit` has something to give. */
  eligibleUnits: number;
  waitingUnits: number;
};
