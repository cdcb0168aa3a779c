/** Who is told what, and where: notices for the outbox of `desk.ts`. */
import { randomUUID } from 'node:crypto';
import { communitySettingsOf } from '../people/settings.ts';
import type { Case } from '../store/cases.ts';
import { chatOf } from '../store/communities.ts';
import { insertNotice } from '../store/notices.ts';
import { identitiesOf } from '../store/people.ts';
import type { Store } from '../store/store.ts';
import type { JsonObject, NoticeKind, Tx } from '../store/tables.ts';

export interface Telling {
  readonly kind: NoticeKind;
  /** What is said about what; the same is said once to each. */
  readonly subject: string;
  readonly caseId: string | null;
  readonly communityId: string | null;
  readonly detail: JsonObject;
  /** Unix ms. */
  readonly at: number;
}

/** Tells a person, on the community's platform where they have an account there. */
export async function tellPerson(tx: Tx, personId: string, telling: Telling): Promise<void> {
  const accounts = await identitiesOf(tx, personId);
  const platform = telling.communityId === null ? undefined : (await chatOf(tx, telling.communityId))?.platform;
  const account = accounts.find((one) => one.platform === platform) ?? accounts[0];
  if (account === undefined) return;
  const { at, ...rest } = telling;
  await insertNotice(tx, {
    ...rest,
    id: randomUUID(),
    subject: `${telling.subject}:${personId}`,
    platform: account.platform,
    target: { kind: 'person', userId: account.platformUserId },
    personId,
    createdAt: at,
  });
}

/** Where a community's moderators are told: `platform`, and the target as `Outgoing.post` takes it. */
export interface DeskPlace {
  readonly platform: string;
  readonly target: JsonObject;
}

/**
 * The moderators' channel that the community has set, or, where it has none, whoever runs the bot, in private.
 * @param operators `platform:userId`.
 */
export async function deskPlaces(
  store: Store,
  communityId: string,
  operators: ReadonlySet<string>,
): Promise<readonly DeskPlace[]> {
  const [chat, { moderators }] = [await chatOf(store.db, communityId), await communitySettingsOf(store, communityId)];
  if (chat !== undefined && moderators !== undefined) {
    const [channelId = '', threadId] = moderators.split('/');
    const target = { kind: 'channel', channelId, ...(threadId === undefined ? {} : { threadId }) };
    return [{ platform: chat.platform, target }];
  }
  return operatorPlaces(operators);
}

/** Whoever runs the bot, in private. @param operators `platform:userId`. */
export function operatorPlaces(operators: ReadonlySet<string>): readonly DeskPlace[] {
  return [...operators].map((operator) => {
    const at = operator.indexOf(':');
    return { platform: operator.slice(0, at), target: { kind: 'person', userId: operator.slice(at + 1) } };
  });
}

/** A card, or a reminder of it, for everybody who may decide. */
export async function tellModerators(
  tx: Tx,
  { id: caseId, communityId }: Pick<Case, 'id' | 'communityId'>,
  places: readonly DeskPlace[],
  { kind, subject, detail, at }: Pick<Telling, 'kind' | 'subject' | 'detail' | 'at'>,
): Promise<void> {
  for (const [index, { platform, target }] of places.entries()) {
    await insertNotice(tx, {
      id: randomUUID(),
      kind,
      subject: `${subject}:${index}`,
      platform,
      target,
      personId: null,
      communityId,
      caseId,
      detail,
      createdAt: at,
    });
  }
}
