/** What every command starts from: who asked for what, where, with which rights and in which language. */
import type { PersonSettings, CommunitySettings } from '../src/people/settings.ts';
import { communitySettingsOf, personSettingsOf } from '../src/people/settings.ts';
import { settle } from '../src/people/identity.ts';
import type { ActId } from '../src/store/acts.ts';
import { type Role, roleOf } from '../src/people/roles.ts';
import type { Act, Actor, Scene } from './contract/act.ts';
import type { Chat } from './contract/chat.ts';
import { type Button, type Line, type Reply, reply } from './contract/reply.ts';
import { chooseLanguage, type MessageKey, type Values, type Words } from './languages/languages.ts';
import type { Services } from './services.ts';

export interface Asked {
  readonly act: Act;
  readonly requestId: string;
  readonly actor: Actor;
  readonly scene: Scene;
  readonly chat: Chat;
  readonly services: Services;
  readonly person: { readonly id: string; readonly role: Role; readonly settings: PersonSettings };
  readonly community: { readonly id: string; readonly settings: CommunitySettings };
  readonly words: Words;
}

/** Looks up what the platform's words stand for. */
export async function askedOf(act: Act, actor: Actor, scene: Scene, chat: Chat, services: Services): Promise<Asked> {
  const { store, clock, operators, wordsOf } = services;
  const { platform, userId: platformUserId } = actor;
  const where = { platform, platformUserId, platformChatId: scene.communityId, locale: actor.locale };
  const { personId, communityId, locale } = await settle(store, where, clock());
  const settings = await personSettingsOf(store, personId);
  const here = await communitySettingsOf(store, communityId);
  const isOperator = operators.has(`${platform}:${platformUserId}`);
  return {
    act,
    requestId: act.requestId,
    actor: { ...actor, locale },
    scene,
    chat,
    services,
    person: { id: personId, role: roleOf({ ...scene, isOperator, userId: platformUserId }, here), settings },
    community: { id: communityId, settings: here },
    words: wordsOf(chooseLanguage(settings.language, here.language, locale, scene.locale)),
  };
}

/** What is asked, by the platform's own id. */
export function actIdOf({ actor: { platform }, requestId }: Asked): ActId {
  return { platform, requestId };
}

/** As audit rows name whoever asked. */
export function auditName({ person }: Asked): string {
  return `person:${person.id}`;
}

/** Says a sentence to whoever asked, and to nobody else. */
export async function tell(asked: Asked, key: MessageKey, values: Values = {}): Promise<void> {
  await asked.chat.answer(sentence(asked.words.say(key, values)));
}

/** Says it in passing. */
export async function toast(asked: Asked, key: MessageKey, values: Values = {}): Promise<void> {
  await asked.chat.answer({ ...sentence(asked.words.say(key, values)), kind: 'toast' });
}

export function sentence(text: string): Reply {
  return toAsker(text.split('\n').map((one) => line(one)));
}

export function toAsker(lines: readonly Line[], rows: readonly (readonly Button[])[] = []): Reply {
  return reply({ kind: 'new', visibility: 'asker', lines, rows });
}

export function line(text: string, kind: Line['kind'] = 'plain'): Line {
  return { kind, spans: [text] };
}
