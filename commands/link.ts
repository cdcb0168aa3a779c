/** One person on two platforms, one share of the queue. */
import { linkByCode, linkCodeTtlMs, newLinkCode } from '../src/people/link.ts';
import { textOf } from './arguments.ts';
import { type Asked, line, tell, toAsker } from './asked.ts';
import type { CommandAct } from './contract/act.ts';

export async function link(asked: Asked, { args }: CommandAct): Promise<void> {
  const { services, person, words, chat } = asked;
  const given = textOf(args, 'code');
  if (given !== undefined) {
    await linkByCode(services.store, { personId: person.id, code: given, at: services.clock() });
    return tell(asked, 'link.done');
  }
  const code = await newLinkCode(services.store, person.id);
  const shown = { kind: 'plain', spans: [{ kind: 'code', text: code }] } as const;
  const lines = [line(words.say('link.code', { time: words.duration(linkCodeTtlMs) })), shown];
  await chat.answer(toAsker(lines));
}
