/** Moments at which a bot may die: before every statement that writes, and around every commit. */
import {
  type KyselyPlugin,
  type PluginTransformQueryArgs,
  type PluginTransformResultArgs,
  type QueryResult,
  type RootOperationNode,
  TableNode,
  type UnknownRow,
} from 'kysely';

import type { Store } from '../../src/store/store.ts';
import type { Death } from './processes.ts';

/** Told that the moment `name` has come. */
export type FaultPoint = (name: string) => void;

/** Tells of each moment when it comes for the first time, and ends this process at the one where it is to die. */
export function deadlyPoint(death: Death | undefined, onFirst: (name: string) => void): FaultPoint {
  let passes = 0;
  const seen = new Set<string>();
  return (name) => {
    if (!seen.has(name)) onFirst(name);
    seen.add(name);
    if (name !== death?.point) return;
    passes += 1;
    if (passes === death.passes) process.kill(process.pid, 'SIGKILL');
  };
}

/** The store with fault points; what its blobs write has none. */
export function withFaultPoints(store: Store, faultPoint: FaultPoint): Store {
  const plugin = new FaultPlugin(faultPoint);
  return {
    ...store,
    db: store.db.withPlugin(plugin),
    async transaction(work) {
      const result = await store.transaction(async (tx) => {
        const value = await work(tx.withPlugin(plugin));
        faultPoint('before a commit');
        return value;
      });
      faultPoint('after a commit');
      return result;
    },
  };
}

/** `update jobs`, `insert audit`: named for the statement that is about to run. */
class FaultPlugin implements KyselyPlugin {
  readonly #faultPoint: FaultPoint;

  constructor(faultPoint: FaultPoint) {
    this.#faultPoint = faultPoint;
  }

  transformQuery({ node }: PluginTransformQueryArgs): RootOperationNode {
    const name = nameOf(node);
    if (name !== undefined) this.#faultPoint(name);
    return node;
  }

  async transformResult({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    return result;
  }
}

function nameOf(node: RootOperationNode): string | undefined {
  switch (node.kind) {
    case 'InsertQueryNode':
      return `insert ${node.into?.table.identifier.name ?? ''}`;
    case 'UpdateQueryNode':
      return `update ${node.table !== undefined && TableNode.is(node.table) ? node.table.table.identifier.name : ''}`;
    case 'DeleteQueryNode':
      return 'delete';
    default:
      return undefined;
  }
}
