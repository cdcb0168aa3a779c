/** Warned, suspended, banned, muted: in one community, or everywhere. Sanctions mean a person, on whatever platform. */
import { randomUUID } from 'node:crypto';
import { Refusal } from '../errors.ts';
import { appendAudit } from '../store/audit.ts';
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
  const { kind, personId, communityId, caseId, reason, imposedBy, at, until } = sanction;
  await insertSanction(tx, { id, ...sanction });
  await appendAudit(tx, {
    at,
    actor: imposedBy,
    community: communityId ?? undefined,
    action: `sanction.${kind}`,
    subject: `person:${personId}`,
    reason,
    detail: { sanction: id, everywhere: communityId === null, ...(until === null ? {} : { until }) },
  });
  await tellPerson(tx, personId, {
    kind: 'sanction',
    subject: `sanction:${id}`,
    caseId,
    communityId,
    detail: { sanction: kind, reason, until },
    at,
  });
  return id;
}

/** Ends a sanction early and tells the person. @returns false where it was lifted before. */
export async function lift(
  tx: Tx,
  sanction: Sanction,
  { actor, reason, at }: { readonly actor: string; readonly reason: string; readonly at: number },
): Promise<boolean> {
  if (!(await liftSanction(tx, sanction.id, at))) return false;
  const { personId, communityId, kind } = sanction;
  const subject = personId === null ? `sanction:${sanction.id}` : `person:${personId}`;
  await appendAudit(tx, {
    at,
    actor,
    community: communityId ?? undefined,
    action: 'sanction.lifted',
    subject,
    reason,
    detail: { sanction: sanction.id, kind },
  });
  if (personId !== null) {
    const detail = { sanction: kind };
    await tellPerson(tx, personId, {
      kind: 'lifted',
      subject: `lifted:${sanction.id}`,
      caseId: null,
      communityId,
      detail,
      at,
    });
  }
  return true;
}

/** Makes a sanction hold everywhere. @returns false where it does already, or is lifted. */
export async function widen(
  tx: Tx,
  { id, personId, kind }: Sanction,
  { actor, at }: { readonly actor: string; readonly at: number },
): Promise<boolean> {
  if (!(await widenSanction(tx, id))) return false;
  const subject = personId === null ? `sanction:${id}` : `person:${personId}`;
  await appendAudit(tx, { at, actor, action: 'sanction.widened', subject, reason: kind, detail: { sanction: id } });
  return true;
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
