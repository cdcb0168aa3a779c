import type { Command } from 'commander';

import { parseSince } from '../moderation/audit/since.ts';
import {
  type AuditFilter,
  auditPage,
  type AuditRow,
  auditRow,
  auditTip,
  hasAuditHash,
  verifyAudit,
} from '../store/audit.ts';
import type { Store } from '../store/store.ts';
import { printJson } from './output.ts';
import { interruptible, withToolStore } from './tool-store.ts';

const PAGE = 500;

interface ExportFlags {
  readonly community?: string;
  readonly action?: string;
  readonly actor?: string;
  readonly subject?: string;
  readonly person?: string;
  readonly since?: string;
  readonly until?: string;
  readonly json?: true;
}

/** `cowbot audit …`: who did what, why and when, and whether anybody changed the record of it. */
export function addAuditCommand(program: Command): void {
  const audit = program.command('audit').description('check and export the trail of who did what, why and when');
  audit
    .command('verify')
    .description('follow the chain of hashes; exit status 1 where a row was changed, taken out, moved or added')
    .option('--noted <hash>', 'also check that the chain still has this hash, which an earlier verify printed')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      '\nA chain shows changes by whoever cannot write all of the database. Note the hash that verify prints somewhere else,' +
        '\nand --noted shows later whether the whole chain was made anew.',
    )
    .action(verify);
  audit
    .command('export')
    .description('print the trail, the oldest row first; ids only, no names and no prompts')
    .option('--community <id>', 'of one community')
    .option('--action <name>', 'one action (job.done) or all of a kind (job)')
    .option('--actor <name>', 'done by: system, person:ID')
    .option('--subject <name>', 'done to: job:ID, person:ID, community:ID')
    .option('--person <id>', 'done by this person or to them; the beginning of the id will do')
    .option('--since <when>', '24h, 7d, 2w, 2026-11-01 (UTC)')
    .option('--until <when>', 'the same; up to and without that moment')
    .option('--json', 'one JSON object a line')
    .action(async (flags: ExportFlags) => {
      await interruptible((signal) => withToolStore((store) => exportRows(store, flags, signal)));
    });
}

async function verify({ noted, json }: { readonly noted?: string; readonly json?: true }): Promise<void> {
  await withToolStore(async (store) => {
    const { rows, brokenAt } = await verifyAudit(store.db);
    const { seq, hash } = await auditTip(store.db);
    const hasNoted = noted === undefined || (await hasAuditHash(store.db, noted));
    const isWhole = brokenAt === undefined && hasNoted;
    if (json) printJson({ isWhole, rows, brokenAt: brokenAt ?? null, seq, hash, hasNoted });
    else if (isWhole) console.log(`The trail is whole: ${rows} rows, the last is ${seq}.\n${hash}`);
    if (brokenAt !== undefined) console.error(await breakText(store, rows, brokenAt));
    if (!hasNoted) console.error('The trail does not have the hash that was noted: it was made anew, or pruned since.');
    if (!isWhole) process.exitCode = 1;
  });
}

async function breakText(store: Store, rows: number, brokenAt: number): Promise<string> {
  const [before, row] = [await auditRow(store.db, brokenAt - 1), await auditRow(store.db, brokenAt)];
  const says = row === undefined ? 'is not there' : `says ${textOf(row)}`;
  const last = before === undefined ? '' : `; the last of them is ${textOf(before)}`;
  return `The trail was changed at row ${brokenAt}, which ${says}.\n${rows} rows before it hold${last}.`;
}

async function exportRows(store: Store, flags: ExportFlags, signal: AbortSignal): Promise<void> {
  const filter = filterOf(flags, Date.now());
  for (let afterSeq = 0; ;) {
    signal.throwIfAborted();
    const page = await auditPage(store.db, filter, { afterSeq, limit: PAGE });
    for (const row of page.toReversed()) {
      if (flags.json) printJson(row);
      else console.log(textOf(row));
    }
    const [newest] = page;
    if (newest === undefined || page.length < PAGE) return;
    afterSeq = newest.seq;
  }
}

function filterOf({ community, action, actor, subject, person, since, until }: ExportFlags, now: number): AuditFilter {
  return {
    community,
    action,
    actor,
    subject,
    party: person === undefined ? undefined : `person:${person}`,
    from: since === undefined ? undefined : parseSince(since, now),
    to: until === undefined ? undefined : parseSince(until, now),
  };
}

function textOf({ seq, at, actor, action, subject, reason, detail, community }: AuditRow): string {
  const parts = [String(seq), new Date(at).toISOString(), actor, action, subject];
  const more = [reason === '' ? '-' : reason, ...(community === undefined ? [] : [`in ${community}`])];
  const details = Object.keys(detail).length === 0 ? [] : [JSON.stringify(detail)];
  return [...parts, ...more, ...details].join('  ');
}
