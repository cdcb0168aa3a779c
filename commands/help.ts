/** What there is to do here. */
import { isAtLeast } from '../src/people/roles.ts';
import { type Asked, line, toAsker } from './asked.ts';
import type { Line } from './contract/reply.ts';
import { writtenCommand } from './registration.ts';
import { commandTable } from './table.ts';

export async function help(asked: Asked): Promise<void> {
  const { words, person, chat } = asked;
  const entries = commandTable.filter(({ surface, right }) => surface === 'typed' && isAtLeast(person.role, right));
  const lines = entries.map(({ name }): Line => ({
    kind: 'plain',
    spans: [
      { kind: 'code', text: writtenCommand(name, asked.actor.platform) },
      ` ${words.say(`command.${name}.about`)}`,
    ],
  }));
  await chat.answer(toAsker([line(words.say('help.title'), 'heading'), line(words.say('help.how')), ...lines]));
}

/** The first word in a private chat. */
export async function start(asked: Asked): Promise<void> {
  const { words, chat, actor } = asked;
  await chat.answer(
    toAsker([
      line(words.say('start.hello', { name: actor.displayName })),
      line(words.say('help.how')),
      line(words.say('start.next')),
    ]),
  );
}

/** Model, licence, source, privacy: a line each. */
export async function about({ words, chat, services }: Asked): Promise<void> {
  const { card, sourceUrl, contact } = services;
  const licence = card.licence ?? words.say('about.no-licence');
  await chat.answer(
    toAsker([
      line(words.say('about.model', { model: card.name })),
      line(words.say('about.licence', { licence })),
      line(words.say('about.source', { url: sourceUrl })),
      line(words.say('about.privacy')),
      line(contact === undefined ? words.say('about.report') : words.say('about.contact', { contact })),
    ]),
  );
}
