/** Somebody thinks that a sanction is a mistake. */
import { Refusal } from '../src/errors.ts';
import { checkArguments, textOf } from './arguments.ts';
import { type Asked, tell } from './asked.ts';
import type { CommandAct } from './contract/act.ts';
import { commandByName } from './table.ts';

export async function appeal(asked: Asked, { args }: CommandAct): Promise<void> {
  const text = textOf(args, 'text');
  if (text === undefined) throw new Refusal('appeal.no-text', 'Say why, behind the command: /appeal It was a costume.');
  const entry = commandByName('appeal');
  if (entry !== undefined) checkArguments(entry, args);
  const { services, person, community } = asked;
  await services.moderation.appeal({ personId: person.id, communityId: community.id, text });
  await tell(asked, 'appeal.sent');
}
