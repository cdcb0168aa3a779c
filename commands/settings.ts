/** Shows and changes what a person prefers and what a community allows. */
import { Refusal } from '../src/errors.ts';
import { estimateCost } from '../src/painting/estimate.ts';
import { pictureWish } from '../src/painting/wish.ts';
import { storeWeight } from '../src/jobs/weights.ts';
import { isAtLeast } from '../src/people/roles.ts';
import { setCommunitySettings, setPersonSettings } from '../src/people/settings.ts';
import { appendAudit } from '../src/store/audit.ts';
import { personByIdentity } from '../src/store/people.ts';
import type { Store } from '../src/store/store.ts';
import { checkArguments, textOf } from './arguments.ts';
import { type Asked, auditName, line, tell, toAsker } from './asked.ts';
import type { CommandAct } from './contract/act.ts';
import type { Line } from './contract/reply.ts';
import { chooseLanguage } from './languages/languages.ts';
import { requireHere } from './rights.ts';
import { communityEntries, numberOf, personEntries } from './settings-values.ts';
import { commandByName } from './table.ts';

/** Takes a setting back. */
const usual = 'usual';

/** @throws Refusal where the value is none, or the person may not set it. */
export async function settings(asked: Asked, { args, personPointedAt }: CommandAct): Promise<void> {
  const entry = commandByName('settings');
  if (entry !== undefined) checkArguments(entry, args);
  const name = textOf(args, 'name');
  if (name === undefined) return showSettings(asked);
  const given = textOf(args, 'value') ?? valueOfReply(asked, name, personPointedAt);
  if (given === undefined)
    throw new Refusal('settings.no-value', `Say a \`value\` too, or "${usual}" to take it back.`);
  const value = given.toLowerCase() === usual ? undefined : given;
  const isPersonal = personEntries.some((one) => one.name === name);
  if ((textOf(args, 'scope') ?? (isPersonal ? 'me' : 'here')) === 'me') await setOwn(asked, name, value);
  else await setHere(asked, name, value);
  // Whoever chose a language reads it from now on.
  const isOwnLanguage = name === 'language' && textOf(args, 'scope') !== 'here';
  const words = isOwnLanguage ? asked.services.wordsOf(chooseLanguage(value, asked.actor.locale)) : asked.words;
  await tell({ ...asked, words }, 'settings.set', { name, value: value ?? usual });
}

/** In answer to somebody, they are named beside those who are. */
function valueOfReply({ community }: Asked, name: string, userId: string | undefined): string | undefined {
  if (name !== 'moderator-roles' || userId === undefined) return undefined;
  return [...community.settings.moderatorRoles, userId].join(' ');
}

async function setOwn({ services, person, scene }: Asked, name: string, value: string | undefined): Promise<void> {
  const entry = personEntries.find((one) => one.name === name);
  if (entry === undefined) {
    throw new Refusal('settings.not-personal', `\`${name}\` is set for a whole community: use scope "here".`, { name });
  }
  await setPersonSettings(services.store, person.id, entry.set(person.settings, value, scene));
}

async function setHere(asked: Asked, name: string, value: string | undefined): Promise<void> {
  const { services, community, scene } = asked;
  const { store, clock, card } = services;
  if (name === 'weight') return setWeight(asked, value);
  const entry = communityEntries.find((one) => one.name === name);
  if (entry === undefined) {
    throw new Refusal('settings.not-common', `\`${name}\` is everybody's own: use scope "me".`, { name });
  }
  await requireHere(asked, 'manager');
  const changed = entry.set(community.settings, value, scene);
  if (changed.strictness === 'off' && !services.moderation.mayBeUnchecked) {
    throw new Refusal(
      'settings.strictness',
      'Whoever runs this bot wants every picture checked: use normal or strict.',
    );
  }
  if (name === 'moderators' && changed.moderators !== undefined) await requireOwnRoom(asked, changed.moderators);
  // A size that the model cannot paint would refuse everybody's requests.
  if (changed.size !== undefined) {
    const { size: width } = changed;
    await estimateCost(pictureWish.parse({ prompt: '', photos: [], width, height: width, seed: 0 }), card);
  }
  await setCommunitySettings(store, community.id, changed);
  await store.transaction(async (tx) =>
    appendAudit(tx, {
      community: community.id,
      at: clock(),
      actor: auditName(asked),
      action: 'settings.changed',
      subject: `community:${community.id}`,
      reason: 'asked',
      detail: { name },
    }),
  );
}

/** What moderators see must not be sent to strangers. @throws Refusal `settings.room` where somebody does not moderate there. */
async function requireOwnRoom({ chat, scene }: Asked, room: string): Promise<void> {
  if (scene.kind === 'private') {
    throw new Refusal(
      'settings.private',
      'Moderators are for communities: in a private chat whoever runs this bot decides.',
    );
  }
  const [channelId = ''] = room.split('/');
  const there = await chat.communityOf(channelId);
  if (there === scene.communityId) return;
  if (there !== undefined && (await chat.rightsIn(there)).mayModerate) return;
  throw new Refusal('settings.room', 'I do not know this channel, or you do not moderate there. Try "here" in it.');
}

/**
 * A share of the engines. The community's own is of everybody's business, so that only who runs the bot sets it; what
 * somebody's is against the others in it, its managers say: `@person 2`.
 */
async function setWeight(asked: Asked, value: string | undefined): Promise<void> {
  const { services, community, actor } = asked;
  const { store, jobs, clock } = services;
  const [, mentioned, given] = /^<?@?!?(\d{5,20})>?\s+(\S+)$/.exec(value ?? '') ?? [];
  await requireHere(asked, mentioned === undefined ? 'operator' : 'manager');
  const text = mentioned === undefined ? value : given;
  const weight = text === undefined || text.toLowerCase() === usual ? 1 : numberOf('weight', 0.01, 100, text, false);
  const person = mentioned === undefined ? undefined : await personMentioned(store, actor.platform, mentioned);
  const set = { community: community.id, person, weight };
  await storeWeight(store, set);
  jobs.setWeight(set);
  await store.transaction(async (tx) =>
    appendAudit(tx, {
      at: clock(),
      actor: auditName(asked),
      action: 'settings.weight',
      subject: person === undefined ? `community:${community.id}` : `person:${person}`,
      reason: 'asked',
      community: community.id,
      detail: { weight },
    }),
  );
}

async function personMentioned(store: Store, platform: string, platformUserId: string): Promise<string> {
  const person = await personByIdentity(store.db, { platform, platformUserId });
  if (person !== undefined) return person;
  throw new Refusal('settings.person', 'I do not know this person yet: they have to ask me for something first.');
}

async function showSettings({ words, person, community, chat }: Asked): Promise<void> {
  const shown = (name: string, value: string | undefined): Line => ({
    kind: 'plain',
    spans: [{ kind: 'code', text: name }, ` ${value ?? usual}`],
  });
  const own = personEntries.map((entry) => shown(entry.name, entry.shown(person.settings)));
  const isManager = isAtLeast(person.role, 'manager');
  const here = isManager ? communityEntries.map((entry) => shown(entry.name, entry.shown(community.settings))) : [];
  const common = isManager ? [line(words.say('settings.here'), 'heading'), ...here] : [];
  await chat.answer(
    toAsker([line(words.say('settings.own'), 'heading'), ...own, ...common, line(words.say('settings.how'), 'small')]),
  );
}
