/** Warned, suspended, banned, muted: in one community, or everywhere. Sanctions mean a person, on whatever platform. */
import { randomUUID } from 'node:crypto';
import { Refusal } from '../errors.ts';
import { appendAudit } from '../store/audit.ts';
import { caseById } from '../store/cases.ts';
import {
  activeSanctions,
  insertSanction,
  liftSanction,
  type Sanction,
  sanctionById,
  widenSanction,
} from '../store/sanctions.ts';
import type { Store } from '../store/store.ts';
import type { SanctionKind, Tx } from '../store/tables.ts';
import { tellPerson } from './telling.ts';

export interface NewSanction {
  readonly kind: SanctionKind;
  readonly personId: string;
  /** Null: everywhere. */
  readonly communityId: string | null;
  readonly caseId: string | null;
  /** A code. */
  readonly reason: string;
  /** As audit rows name whoever imposes it. */
  readonly imposedBy: string;
  /** Unix ms; `until` null: for good. */
  readonly at: number;
  readonly until: number | null;
}

/** Imposes it and tells the person. @returns its id. */
export async function impose(tx: Tx, sanction: NewSanction): Promise<string> {
  const id = randomUUID();
  const { kind, personId, reason, imposedBy: actor, at, until } = sanction;
  await insertSanction(tx, { id, ...sanction });
  const community = await originOf(tx, sanction);
  const everywhere = sanction.communityId === null;
  const detail = { sanction: id, everywhere, ...(until === null ? {} : { until }) };
  const subject = `person:${personId}`;
  await appendAudit(tx, { at, actor, action: `sanction.${kind}`, subject, reason, detail, community });
  await tellInForce(tx, personId, sanction, { subject: `sanction:${id}`, community, everywhere, at });
  return id;
}

/** Ends a sanction early and tells the person. @returns false where it was lifted before. */
export async function lift(
  tx: Tx,
  sanction: Sanction,
  { actor, reason, at }: { readonly actor: string; readonly reason: string; readonly at: number },
): Promise<boolean> {
  if (!(await liftSanction(tx, sanction.id, at))) return false;
  const { id, personId, kind } = sanction;
  const community = await originOf(tx, sanction);
  const detail = { sanction: id, kind };
  await appendAudit(tx, {
    at,
    actor,
    action: 'sanction.lifted',
    subject: partyOf(sanction),
    reason,
    detail,
    community,
  });
  if (personId !== null) {
    const told = { kind: 'lifted', subject: `lifted:${id}`, caseId: null, detail: { sanction: kind }, at } as const;
    await tellPerson(tx, personId, { ...told, communityId: community ?? null });
  }
  return true;
}

/** Makes a sanction hold everywhere and tells the person. @returns false where it does already, or is lifted. */
export async function widen(
  tx: Tx,
  sanction: Sanction,
  { actor, at }: { readonly actor: string; readonly at: number },
): Promise<boolean> {
  const { id, personId, kind } = sanction;
  if (!(await widenSanction(tx, id))) return false;
  const community = await originOf(tx, sanction);
  const audited = { subject: partyOf(sanction), reason: kind, detail: { sanction: id }, community };
  await appendAudit(tx, { at, actor, action: 'sanction.widened', ...audited });
  if (personId !== null) {
    await tellInForce(tx, personId, sanction, { subject: `widened:${id}`, community, everywhere: true, at });
  }
  return true;
}

/** The community that it came from has it in its trail, wherever it holds. @returns undefined where it came from none. */
async function originOf(
  tx: Tx,
  { communityId, caseId }: Pick<Sanction, 'communityId' | 'caseId'>,
): Promise<string | undefined> {
  if (communityId !== null) return communityId;
  return caseId === null ? undefined : (await caseById(tx, caseId))?.communityId;
}

/** As audit rows name whom it is about. */
function partyOf({ id, personId }: Sanction): string {
  return personId === null ? `sanction:${id}` : `person:${personId}`;
}

async function tellInForce(
  tx: Tx,
  personId: string,
  { kind, caseId, reason, until }: Pick<Sanction, 'kind' | 'caseId' | 'reason' | 'until'>,
  said: {
    readonly subject: string;
    readonly community: string | undefined;
    readonly everywhere: boolean;
    readonly at: number;
  },
): Promise<void> {
  const { subject, community: communityId = null, everywhere, at } = said;
  const detail = { sanction: kind, reason, until, everywhere };
  await tellPerson(tx, personId, { kind: 'sanction', subject, caseId, communityId, detail, at });
}

/** @throws Refusal `sanction.gone` for an id that there is not. */
export async function sanctionOrRefusal(store: Store, id: string): Promise<Sanction> {
  const sanction = await sanctionById(store.db, id);
  if (sanction === undefined) throw new Refusal('sanction.gone', 'This sanction is no longer there.');
  return sanction;
}

/**
 * Whether somebody may ask for pictures and report here.
 * @throws Refusal `sanction.banned`, `sanction.suspended` with `until` (Unix ms).
 */
export async function checkNotSanctioned(
  store: Store,
  who: { readonly personId: string; readonly communityId: string; readonly at: number },
): Promise<void> {
  const active = await activeSanctions(store.db, who);
  if (active.some(({ kind }) => kind === 'ban')) {
    throw new Refusal(
      'sanction.banned',
      'You are banned here. If you think that is a mistake, send /appeal and say why.',
    );
  }
  const until = Math.max(0, ...active.map((one) => (one.kind === 'suspend' ? (one.until ?? 0) : 0)));
  if (until === 0) return;
  throw new Refusal(
    'sanction.suspended',
    `You are suspended here until ${new Date(until).toISOString().slice(0, 16).replace('T', ' ')} UTC. If you think that is a mistake, send /appeal and say why.`,
    { until },
  );
}

/** @throws Refusal `report.muted` where somebody's reports were false too often. */
export async function checkMayReport(
  store: Store,
  who: { readonly personId: string; readonly communityId: string; readonly at: number },
): Promise<void> {
  const active = await activeSanctions(store.db, who);
  const mute = active.find(({ kind }) => kind === 'mute');
  if (mute === undefined) return;
  throw new Refusal('report.muted', 'Your last reports were not helpful, so you cannot report here for a while.', {
    until: mute.until ?? 0,
  });
}
