/** The buttons of moderators' cards. */
import { Refusal } from '../src/errors.ts';
import { caseOrRefusal } from '../src/moderation/cases.ts';
import type { Ruling } from '../src/moderation/decide.ts';
import { suspensionDays } from '../src/moderation/rules.ts';
import { sanctionOrRefusal } from '../src/moderation/sanctions.ts';
import { isAtLeast, roleOf } from '../src/people/roles.ts';
import type { Case } from '../src/store/cases.ts';
import { chatOf } from '../src/store/communities.ts';
import { type Asked, auditName, line, toAsker, toast } from './asked.ts';
import { encodePressId, type PressId } from './contract/press-id.ts';

/** Approve, Remove, Warn, Ban, Deny. */
export async function ruleOn(
  decision: Exclude<Ruling['decision'], 'suspend' | 'expired' | 'withdrawn'>,
  asked: Asked,
  { id }: PressId,
): Promise<void> {
  await rule(asked, await caseFor(asked, id), { decision });
}

/** Suspend: asks for how long, then does it. */
export async function suspend(asked: Asked, { id, extra }: PressId): Promise<void> {
  const one = await caseFor(asked, id);
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
export async function lift(asked: Asked, { id }: PressId): Promise<void> {
  const sanction = await sanctionOrRefusal(asked.services.store, id);
  await checkMayRule(asked, sanction.communityId, sanction.personId);
  const isFirst = await asked.services.moderation.lift(id, auditName(asked));
  await toast(asked, isFirst ? 'card.lifted' : 'card.lifted-already');
}

/** Makes a sanction hold everywhere. */
export async function widen(asked: Asked, { id }: PressId): Promise<void> {
  const sanction = await sanctionOrRefusal(asked.services.store, id);
  await checkMayRule(asked, null, sanction.personId);
  const isFirst = await asked.services.moderation.widen(id, auditName(asked));
  await toast(asked, isFirst ? 'card.widened' : 'card.lifted-already');
}

/** Those who reported what was harmless may not report for a while. */
export async function mute(asked: Asked, { id }: PressId): Promise<void> {
  await caseFor(asked, id);
  const count = await asked.services.moderation.muteReporters(id, auditName(asked));
  await toast(asked, 'card.muted', { count });
}

/** @throws Refusal where there is no such case, or it is not this person's to decide. */
async function caseFor(asked: Asked, id: string): Promise<Case> {
  const one = await caseOrRefusal(asked.services.store, id);
  const sanction = one.sanctionId === null ? undefined : await sanctionOrRefusal(asked.services.store, one.sanctionId);
  await checkMayRule(asked, sanction === undefined ? one.communityId : sanction.communityId, one.personId);
  return one;
}

/**
 * Whoever runs the bot may everywhere; moderators in their own community, wherever they press, and never about
 * themselves, nor while they are sanctioned there.
 * @param communityId null: what holds everywhere.
 * @throws Refusal `case.not-yours`, `case.own`, `sanction.*`
 */
async function checkMayRule(asked: Asked, communityId: string | null, personId: string | null): Promise<void> {
  const { person, services } = asked;
  if (person.role === 'operator') return;
  if (communityId === null || !(await isModeratorOf(asked, communityId))) {
    throw new Refusal('case.not-yours', 'Only moderators of this community can decide that.');
  }
  if (personId === person.id) {
    throw new Refusal('case.own', 'This is about you, so somebody else has to decide it.');
  }
  await services.moderation.checkNotSanctioned({ personId: person.id, communityId });
}

async function isModeratorOf(asked: Asked, communityId: string): Promise<boolean> {
  const { person, community, services, scene, chat } = asked;
  if (communityId === community.id) return isAtLeast(person.role, 'moderator');
  const place = await chatOf(services.store.db, communityId);
  if (place === undefined || place.platform !== scene.platform) return false;
  const rights = await chat.rightsIn(place.platformChatId);
  return isAtLeast(roleOf({ ...rights, isOperator: false }), 'moderator');
}
