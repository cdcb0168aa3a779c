/** The trail of one community, for its moderators: who did what, why and when. Ids only, never prompts or names. */
import { Refusal } from '../src/errors.ts';
import { parseSince } from '../src/moderation/audit/since.ts';
import { type AuditPlace, auditPage, type AuditRow } from '../src/store/audit.ts';
import type { Json } from '../src/store/tables.ts';
import { isAtLeast } from '../src/people/roles.ts';
import { personByIdentity } from '../src/store/people.ts';
import { checkArguments, textOf } from './arguments.ts';
import { type Asked, line, toAsker } from './asked.ts';
import type { CommandAct } from './contract/act.ts';
import { encodePressId, type PressId } from './contract/press-id.ts';
import type { Button, Line, Reply } from './contract/reply.ts';
import { requireRole } from './rights.ts';
import { commandByName } from './table.ts';

const perPage = 10;
const hourMs = 3_600_000;
/** Of an id: as much of it as is shown, and as travels in a button. */
const shortLength = 8;

/** Who reported is for whoever runs the bot alone: nobody need fear those whom they report. */
const reports: readonly string[] = ['report.made'];

/** What is looked for; small enough for a button. */
interface Query {
  readonly isEverywhere: boolean;
  readonly sinceHour: number | undefined;
  /** The beginning of a person's id. */
  readonly person: string | undefined;
  readonly action: string | undefined;
}

/** @throws Refusal where an argument cannot be read; `right.operator` for everywhere. */
export async function audit(asked: Asked, { args, personPointedAt }: CommandAct): Promise<void> {
  const entry = commandByName('audit');
  if (entry !== undefined) checkArguments(entry, args);
  const since = textOf(args, 'since');
  const person = textOf(args, 'person') ?? personPointedAt;
  const query: Query = {
    isEverywhere: textOf(args, 'where') === 'everywhere',
    sinceHour: since === undefined ? undefined : Math.floor(parseSince(since, asked.services.clock()) / hourMs),
    person: person === undefined ? undefined : await personIn(asked, person),
    action: textOf(args, 'action')?.toLowerCase(),
  };
  if (query.action !== undefined && !actionPattern.test(query.action)) {
    throw new Refusal(
      'audit.action',
      'Please name an action as it stands in the list, such as job or settings.changed.',
    );
  }
  await asked.chat.answer(await pageOf(asked, query, asked.community.id, {}));
}

/** Newer, Older. */
export async function auditTurned(asked: Asked, row: AuditRow, { extra }: PressId): Promise<void> {
  const [, scope, turn, hour, person, action] =
    /^([he])([no]),([0-9a-z]{0,6}),([0-9a-f]{0,8}),([a-z.-]{0,24})$/.exec(extra ?? '') ?? [];
  if (scope === undefined) throw new Refusal('audit.gone', 'This page is no longer kept. Send /audit for a new one.');
  const given = (text: string | undefined): string | undefined => (text === '' ? undefined : text);
  const query: Query = {
    isEverywhere: scope === 'e',
    sinceHour: given(hour) === undefined ? undefined : Number.parseInt(hour, 36),
    person: given(person),
    action: given(action),
  };
  const place = turn === 'n' ? { afterSeq: row.seq } : { beforeSeq: row.seq };
  const page = await pageOf(asked, query, row.community, place);
  await asked.chat.answer({ ...page, kind: 'edit-pressed' });
}

const actionPattern = /^[a-z][a-z.-]*$/;

/** @throws Refusal `audit.person` */
async function personIn({ services, actor }: Asked, text: string): Promise<string> {
  const [, mentioned, written] = /^(?:<@!?(\d{1,20})>|(\d{1,20}))$/.exec(text) ?? [];
  const platformUserId = mentioned ?? written;
  const { platform } = actor;
  const known =
    platformUserId === undefined ? undefined : await personByIdentity(services.store.db, { platform, platformUserId });
  const id = known ?? text.toLowerCase();
  if (/^[0-9a-f]{8}(-[0-9a-f-]*)?$/.test(id)) return id.slice(0, shortLength);
  throw new Refusal(
    'audit.person',
    'I do not know this person. Mention them, or say their number as the list shows it.',
  );
}

/** @param communityId undefined: rows that belong to none, for the operator. */
async function pageOf(
  asked: Asked,
  query: Query,
  communityId: string | undefined,
  place: Omit<AuditPlace, 'limit'>,
): Promise<Reply> {
  const { isEverywhere, sinceHour, person, action } = query;
  if (isEverywhere || communityId === undefined) requireRole(asked.person.role, 'operator');
  const filter = {
    community: isEverywhere ? undefined : communityId,
    action,
    party: person === undefined ? undefined : `person:${person}`,
    hiddenActors: isAtLeast(asked.person.role, 'operator') ? [] : reports,
    from: sinceHour === undefined ? undefined : sinceHour * hourMs,
  };
  const isForward = place.afterSeq !== undefined;
  const found = await auditPage(asked.services.store.db, filter, { ...place, limit: perPage + 1 });
  const hasMore = found.length > perPage;
  const rows = isForward ? found.slice(hasMore ? 1 : 0) : found.slice(0, perPage);
  const { words } = asked;
  const turn = (way: 'n' | 'o', at: AuditRow | undefined): Button[] => {
    if (at === undefined) return [];
    const key = way === 'n' ? 'button.newer' : 'button.older';
    const pressId = encodePressId({ action: 'audit', id: String(at.seq), extra: extraOf(query, way) });
    return [{ label: words.say(key), pressId, style: 'secondary' }];
  };
  const hasNewer = isForward ? hasMore : place.beforeSeq !== undefined;
  const hasOlder = isForward ? found.length > 0 : hasMore;
  const buttons = [...(hasNewer ? turn('n', rows[0]) : []), ...(hasOlder ? turn('o', rows.at(-1)) : [])];
  const lines = rows.length === 0 ? [line(words.say('audit.none'))] : rows.map((row) => rowLine(asked, row));
  return toAsker([line(words.say('audit.title'), 'heading'), ...lines], buttons.length === 0 ? [] : [buttons]);
}

function extraOf({ isEverywhere, sinceHour, person, action }: Query, way: 'n' | 'o'): string {
  const scope = isEverywhere ? 'e' : 'h';
  return [`${scope}${way}`, sinceHour?.toString(36) ?? '', person ?? '', action ?? ''].join(',');
}

function rowLine({ words, person }: Asked, { at, action, subject, actor, reason, detail }: AuditRow): Line {
  const code = (text: unknown): readonly string[] =>
    typeof text === 'string' && /^[a-z][a-z\d.-]{0,39}$/.test(text) ? [text] : [];
  const { from, to, ...others } = detail;
  const why = [...new Set([...code(reason), ...Object.values(others).flatMap(code), ...changeText(from, to)])];
  const isHidden = reports.includes(action) && !isAtLeast(person.role, 'operator');
  const said = words.say('audit.row', {
    time: words.moment(at),
    subject: brief(subject),
    actor: isHidden ? '—' : brief(actor),
  });
  return {
    kind: 'plain',
    spans: [{ kind: 'code', text: action }, ` ${said}${why.length === 0 ? '' : ` (${why.join(', ')})`}`],
  };
}

/** `usual → 512`, of settings. */
function changeText(from: Json | undefined, to: Json | undefined): readonly string[] {
  const shown = (value: Json): string =>
    value === null ? 'usual' : typeof value === 'string' ? value : JSON.stringify(value);
  return from === undefined || to === undefined ? [] : [`${shown(from)} → ${shown(to)}`];
}

/** `person:3f2a1b2c-…` as `person 3f2a1b2c`. */
function brief(name: string): string {
  const [kind, id = ''] = name.split(':');
  return `${kind} ${id.slice(0, shortLength)}`.trim();
}
