import type { Command } from 'commander';

import { Refusal } from '../errors.ts';
import { impose, lift, sanctionOrRefusal } from '../moderation/sanctions.ts';
import { identitiesOf } from '../store/people.ts';
import { activeSanctions, type Sanction } from '../store/sanctions.ts';
import type { Store } from '../store/store.ts';
import { numeric } from './generate.ts';
import { printJson } from './output.ts';
import { withToolStore } from './tool-store.ts';
import { checkCommunity, findPerson, personOf } from './whose.ts';

const dayMs = 24 * 3_600_000;
const maxDays = 3_650;
const actor = 'operator';

interface Where {
  readonly community?: string;
  readonly json?: true;
}

/** `cowbot sanctions …`: the operator's own means. What is written counts at once, for a bot looks at every request. */
export function addSanctionsCommand(program: Command): void {
  const sanctions = program
    .command('sanctions')
    .description('look at sanctions, end them, suspend or ban somebody; a person is discord:ID or telegram:ID');
  sanctions
    .command('list')
    .description('what is in force, the newest first')
    .option('--person <account>', 'of one person, on whatever platform')
    .option('--community <id>', 'in one community, with what holds everywhere')
    .option('--json', 'one JSON object a line')
    .action(list);
  sanctions
    .command('lift')
    .description('end a sanction early; the person is told')
    .argument('<id>', 'as `cowbot sanctions list` shows it')
    .option('--json', 'one JSON object')
    .action(liftOne);
  sanctions
    .command('ban')
    .description('for good, in one community or (none named) everywhere; the person is told')
    .argument('<person>')
    .option('--community <id>')
    .option('--json', 'one JSON object')
    .action((person: string, where: Where) => imposeOn(person, 'ban', null, where));
  sanctions
    .command('suspend')
    .description('for a time, in one community or (none named) everywhere; the person is told')
    .argument('<person>')
    .option('--days <number>', `from now, up to ${maxDays}`, numeric('days'))
    .option('--until <time>', 'as 2026-12-24 or 2026-12-24T18:00Z')
    .option('--community <id>')
    .option('--json', 'one JSON object')
    .action((person: string, { days, until, ...where }: Where & { days?: number; until?: string }) =>
      imposeOn(person, 'suspend', endOf(days, until, Date.now()), where),
    );
}

async function list({ person, community, json }: Where & { readonly person?: string }): Promise<void> {
  await withToolStore(async (store) => {
    if (community !== undefined) await checkCommunity(store, community);
    const found = await inForce(store, person, community);
    for (const one of found) {
      const accounts = await accountsOf(store, one);
      if (json) printJson({ ...summaryOf(one), accounts });
      else console.log(lineOf(one, accounts));
    }
    if (found.length === 0 && json === undefined) console.error('Nothing is in force.');
  });
}

async function inForce(
  store: Store,
  account: string | undefined,
  communityId: string | undefined,
): Promise<readonly Sanction[]> {
  const filter = { at: Date.now(), ...(communityId === undefined ? {} : { communityId }) };
  if (account === undefined) return activeSanctions(store.db, filter);
  const personId = await findPerson(store, account);
  return personId === undefined ? [] : activeSanctions(store.db, { ...filter, personId });
}

async function liftOne(id: string, { json }: { readonly json?: true }): Promise<void> {
  const lifted = await withToolStore(async (store) => {
    const sanction = await sanctionOrRefusal(store, id);
    return store.transaction(async (tx) => lift(tx, sanction, { actor, reason: 'lifted', at: Date.now() }));
  });
  if (json) printJson({ id, lifted });
  else console.log(lifted ? `${id}: lifted` : `${id}: was lifted before`);
}

async function imposeOn(
  account: string,
  kind: 'ban' | 'suspend',
  until: number | null,
  { community, json }: Where,
): Promise<void> {
  const sanction = await withToolStore(async (store) => {
    if (community !== undefined) await checkCommunity(store, community);
    const at = Date.now();
    const communityId = community ?? null;
    const personId = await personOf(store, account, at);
    const said = {
      kind,
      personId,
      communityId,
      caseId: null,
      reason: 'operator',
      imposedBy: actor,
      at,
      until,
    } as const;
    return { ...said, id: await store.transaction(async (tx) => impose(tx, said)) };
  });
  if (json) printJson({ ...summaryOf(sanction), accounts: [account] });
  else console.log(lineOf(sanction, [account]));
}

/** @returns Unix ms. @throws Refusal where none or both are said, or the time is not one to come. */
function endOf(days: number | undefined, until: string | undefined, now: number): number {
  if ((days === undefined) === (until === undefined)) {
    throw new Refusal('sanction.until', 'Expected either --days or --until for a suspension.');
  }
  const end = until === undefined ? now + (days ?? 0) * dayMs : Date.parse(until);
  if (end > now && end <= now + maxDays * dayMs) return Math.round(end);
  const got = until === undefined ? `${days} days` : `"${until}"`;
  throw new Refusal('sanction.until', `Expected a time to come, within ${maxDays} days, got ${got}.`);
}

async function accountsOf(store: Store, { personId }: Sanction): Promise<readonly string[]> {
  if (personId === null) return [];
  return (await identitiesOf(store.db, personId)).map(
    ({ platform, platformUserId }) => `${platform}:${platformUserId}`,
  );
}

type Shown = Omit<Sanction, 'identityHash' | 'liftedAt'>;

function summaryOf({ id, kind, personId, communityId, caseId, reason, imposedBy, at, until }: Shown) {
  return { id, kind, personId, communityId, caseId, reason, imposedBy, at, until };
}

function lineOf({ id, kind, personId, communityId, reason, until }: Shown, accounts: readonly string[]): string {
  const end = until === null ? 'for good' : `until ${new Date(until).toISOString().slice(0, 16)}Z`;
  const who = accounts.length > 0 ? accounts.join(' ') : (personId ?? 'somebody who was forgotten');
  return `${id}  ${kind.padEnd(7)}  ${end.padEnd(23)}  ${who} ${communityId === null ? 'everywhere' : `in ${communityId}`}: ${reason}`;
}
