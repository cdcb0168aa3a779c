/** The buttons of moderators' cards. */
import { suspensionDays } from '../src/moderation/rules.ts';
import type { Ruling } from '../src/moderation/ruling.ts';
import type { Case } from '../src/store/cases.ts';
import type { Sanction } from '../src/store/sanctions.ts';
import { type Asked, auditName, line, toAsker, toast } from './asked.ts';
import { encodePressId, type PressId } from './contract/press-id.ts';

/** Approve, Remove, Warn, Ban, Deny. */
export async function ruleOn(
  decision: Exclude<Ruling['decision'], 'suspend' | 'expired' | 'withdrawn'>,
  asked: Asked,
  one: Case,
): Promise<void> {
  await rule(asked, one, { decision });
}

/** Suspend: asks for how long, then does it. */
export async function suspend(asked: Asked, one: Case, { id, extra }: PressId): Promise<void> {
  const days = suspensionDays.find((known) => String(known) === extra);
  if (days !== undefined) return rule(asked, one, { decision: 'suspend', days });
  const { words, chat } = asked;
  if (one.state === 'decided') return sayDecided(asked, one);
  const row = suspensionDays.map((count) => ({
    label: words.say('suspend.days', { count }),
    pressId: encodePressId({ action: 'suspend', id, extra: String(count) }),
    style: 'secondary' as const,
  }));
  await chat.answer(toAsker([line(words.say('suspend.how-long'))], [row]));
}

async function rule(asked: Asked, { id }: Case, ruling: Ruling): Promise<void> {
  const { one, isFirst } = await asked.services.moderation.decide(id, ruling, auditName(asked));
  if (!isFirst) return sayDecided(asked, one);
  await toast(asked, `card.decided.${ruling.decision}`);
}

/** Somebody was first, and their word counts. */
async function sayDecided(asked: Asked, { decision }: Case): Promise<void> {
  const { words } = asked;
  await toast(asked, 'card.decided-already', { decision: words.say(`card.decided.${decision ?? 'withdrawn'}`) });
}

/** Takes a sanction back. */
export async function lift(asked: Asked, { id }: Sanction): Promise<void> {
  const isFirst = await asked.services.moderation.lift(id, auditName(asked));
  await toast(asked, isFirst ? 'card.lifted' : 'card.lifted-already');
}

/** Makes a sanction hold everywhere. */
export async function widen(asked: Asked, { id }: Sanction): Promise<void> {
  const isFirst = await asked.services.moderation.widen(id, auditName(asked));
  await toast(asked, isFirst ? 'card.widened' : 'card.lifted-already');
}

/** Those who reported what was harmless may not report for a while. */
export async function mute(asked: Asked, { id }: Case): Promise<void> {
  const count = await asked.services.moderation.muteReporters(id, auditName(asked));
  await toast(asked, 'card.muted', { count });
}
