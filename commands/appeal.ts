/** Somebody thinks that a sanction is a mistake. */
import { checkArguments, textOf } from './arguments.ts';
import { type Asked, tell } from './asked.ts';
import type { CommandAct } from './contract/act.ts';
import { commandByName } from './table.ts';

export async function appeal(asked: Asked, { args }: CommandAct): Promise<void> {
  const entry = commandByName('appeal');
  if (entry !== undefined) checkArguments(entry, args);
  const { services, person, community } = asked;
  await services.moderation.appeal({
    personId: person.id,
    communityId: community.id,
    text: textOf(args, 'text') ?? '',
  });
  await tell(asked, 'appeal.sent');
}
