/** Shows and changes what a person prefers and what a community allows: in words, or with the pages' buttons. */
import { Refusal } from '../src/errors.ts';
import { checkArguments, textOf } from './arguments.ts';
import { type Asked, tell } from './asked.ts';
import { managedHere, setHere, setOwn } from './change-setting.ts';
import type { CommandAct } from './contract/act.ts';
import { chooseLanguage } from './languages/languages.ts';
import { requireHere } from './rights.ts';
import { ownPage } from './settings-pages.ts';
import { communityEntries, personEntries } from './settings-values.ts';
import { setShare, setShareOfCommunity, sharerNamed } from './share-weights.ts';
import { commandByName } from './table.ts';

/** Takes a setting back. */
const usual = 'usual';

/** Undefined for what takes a setting back. */
export function givenValue(text: string): string | undefined {
  const value = text.trim();
  return value === '' || value.toLowerCase() === usual ? undefined : value;
}

/** @throws Refusal where the value is none, or the person may not set it. */
export async function settings(asked: Asked, { args, personPointedAt }: CommandAct): Promise<void> {
  const entry = commandByName('settings');
  if (entry !== undefined) checkArguments(entry, args);
  const name = textOf(args, 'name');
  if (name === undefined) return asked.chat.answer(await ownPage(asked, managedHere(asked)));
  const given = textOf(args, 'value') ?? valueOfReply(name, personPointedAt);
  if (given === undefined)
    throw new Refusal('settings.no-value', `Say a \`value\` too, or "${usual}" to take it back.`);
  const value = givenValue(given);
  const isPersonal = personEntries.some((one) => one.name === name);
  const isOwn = (textOf(args, 'scope') ?? (isPersonal ? 'me' : 'here')) === 'me';
  if (isOwn) await setOwnByName(asked, name, value);
  else if (name === 'weight') await setWeight(asked, given, personPointedAt);
  else await setHereByName(asked, name, value);
  // Whoever chose a language reads it from now on.
  const words =
    isOwn && name === 'language'
      ? asked.services.wordsOf(chooseLanguage(value, asked.community.settings.language, asked.actor.locale))
      : asked.words;
  await tell({ ...asked, words }, 'settings.set', { name, value: value ?? usual });
}

/** In answer to somebody, they are named beside those who are. */
function valueOfReply(name: string, userId: string | undefined): string | undefined {
  return name === 'moderator-roles' && userId !== undefined ? `+${userId}` : undefined;
}

async function setOwnByName(asked: Asked, name: string, value: string | undefined): Promise<void> {
  const entry = personEntries.find((one) => one.name === name);
  if (entry === undefined) {
    throw new Refusal('settings.not-personal', `\`${name}\` is set for a whole community: use scope "here".`, { name });
  }
  await setOwn(asked, entry, value);
}

async function setHereByName(asked: Asked, name: string, value: string | undefined): Promise<void> {
  const entry = communityEntries.find((one) => one.name === name);
  if (entry === undefined) {
    throw new Refusal('settings.not-common', `\`${name}\` is everybody's own: use scope "me".`, { name });
  }
  await requireHere(asked, 'manager');
  await setHere(asked, managedHere(asked), entry, value);
}

/** `2` of the community itself; `@person 2`, `@role 2`, `boosters 2` of somebody in it, also in answer to a person: `2`. */
async function setWeight(asked: Asked, given: string, personPointedAt: string | undefined): Promise<void> {
  const [, named, number = given] = /^(\S+)\s+(\S+)$/.exec(given.trim()) ?? [];
  const who = named ?? personPointedAt;
  if (who === undefined) {
    await setShareOfCommunity(asked, managedHere(asked), givenValue(number));
    return;
  }
  await requireHere(asked, 'manager');
  await setShare(asked, managedHere(asked), await sharerNamed(asked, who), givenValue(number));
}
