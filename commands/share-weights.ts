/** What share of the engines somebody gets: communities among each other, people and roles within one. */
import { Refusal } from '../src/errors.ts';
import { changeSettingHere } from '../src/people/change-settings.ts';
import { memberKinds } from '../src/people/roles.ts';
import { type CommunitySettings, personWeights } from '../src/people/settings.ts';
import { identitiesOf, personByIdentity } from '../src/store/people.ts';
import { weightsOfPeople } from '../src/jobs/weights.ts';
import { type Asked, auditName } from './asked.ts';
import type { Managed } from './change-setting.ts';
import type { Span } from './contract/reply.ts';
import type { Words } from './languages/languages.ts';
import { requireHere } from './rights.ts';
import { valueText } from './settings-words.ts';
import { numberOf } from './settings-values.ts';

const operatorsRange = { min: 0.01, max: 100 };
const managersRange = { min: personWeights.least, max: personWeights.most };
const mostRoles = 25;

/** `group`: one of `memberKinds`, or a role's id. */
export type Sharer =
  | { readonly kind: 'group'; readonly id: string }
  | { readonly kind: 'person'; readonly personId: string; readonly userId: string };

/** @throws Refusal `settings.person`, `settings.sharer` where it names nobody that is known. */
export async function sharerNamed({ services, actor }: Asked, text: string): Promise<Sharer> {
  const kind = memberKinds.find((one) => one === text.toLowerCase());
  if (kind !== undefined) return { kind: 'group', id: kind };
  const [, role, userId] = /^(?:<@&(\d{1,20})>|<?@?!?(\d{1,20})>?)$/.exec(text) ?? [];
  if (role !== undefined) return { kind: 'group', id: role };
  if (userId === undefined) {
    throw new Refusal('settings.sharer', 'Please say boosters, moderators or managers, or mention a role or a person.');
  }
  const { platform } = actor;
  const personId = await personByIdentity(services.store.db, { platform, platformUserId: userId });
  if (personId !== undefined) return { kind: 'person', personId, userId };
  throw new Refusal('settings.person', 'I do not know this person yet: they have to ask me for something first.');
}

/** One of `memberKinds`, or a role. */
export function groupSpan(group: string, words: Words): Span {
  return memberKinds.some((kind) => kind === group) ? valueText('weight', group, words) : { kind: 'role', id: group };
}

/** Who has a share of their own, and which. */
export async function sharesIn(
  { services, actor, words }: Asked,
  { id, settings }: Managed,
): Promise<readonly { readonly who: Span; readonly weight: number }[]> {
  const { store } = services;
  const groups = Object.entries(settings.weights).map(([group, weight]) => ({ who: groupSpan(group, words), weight }));
  const people = [];
  for (const { person = '', weight } of await weightsOfPeople(store, id)) {
    const account = (await identitiesOf(store.db, person)).find(({ platform }) => platform === actor.platform);
    const userId = account?.platformUserId;
    if (userId !== undefined) people.push({ who: { kind: 'person', userId, name: userId } as const, weight });
  }
  return [...groups, ...people];
}

/**
 * @param text a number from 0.25 to 4; undefined: the 1 of everybody, or what their roles give them.
 * @returns what it was and is. Of a group it holds for everybody in it from the next thing on that they ask for.
 */
export async function setShare(
  asked: Asked,
  managed: Managed,
  sharer: Sharer,
  text: string | undefined,
): Promise<{ readonly from: number; readonly to: number }> {
  const weight = text === undefined ? undefined : numberOf('weight', managersRange, text, false);
  if (sharer.kind === 'person') {
    return asked.services.weights.set({ community: managed.id, person: sharer.personId }, weight, auditName(asked));
  }
  const { store, clock } = asked.services;
  const { id } = sharer;
  const of = ({ weights }: CommunitySettings): number => weights[id] ?? 1;
  const by = { communityId: managed.id, actor: auditName(asked), at: clock(), name: 'weight', who: id };
  const { before, after } = await changeSettingHere(store, by, (here) => withWeight(here, id, weight ?? 1), of);
  return { from: of(before), to: of(after) };
}

function withWeight(here: CommunitySettings, group: string, weight: number): CommunitySettings {
  const { [group]: _, ...others } = here.weights;
  if (weight === 1) return { ...here, weights: others };
  if (Object.keys(others).length < mostRoles) return { ...here, weights: { ...others, [group]: weight } };
  throw new Refusal('settings.many-weights', `At most ${mostRoles} roles can have a share of their own.`, {
    limit: mostRoles,
  });
}

/** The community's own share is everybody's business, so that only who runs the bot sets it. @throws Refusal `right.operator` */
export async function setShareOfCommunity(
  asked: Asked,
  { id: community }: Managed,
  text: string | undefined,
): Promise<{ readonly from: number; readonly to: number }> {
  await requireHere(asked, 'operator');
  const weight = text === undefined ? undefined : numberOf('weight', operatorsRange, text, false);
  return asked.services.weights.set({ community, person: undefined }, weight, auditName(asked));
}
