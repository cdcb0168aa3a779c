/** What there is to do here. */
import { isAtLeast } from '../src/people/roles.ts';
import { type Asked, line, toAsker } from './asked.ts';
import type { Line } from './contract/reply.ts';
import { argumentText, hasWrittenArguments, writtenCommand } from './registration.ts';
import { commandByName, commandTable } from './table.ts';

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
  const head = [line(words.say('help.title'), 'heading'), line(words.say('help.how'))];
  await chat.answer(toAsker([...head, ...lines, ...writtenOptions(asked)]));
}

/** What may stand behind /cow, where the platform does not show it while somebody types. */
function writtenOptions({ words, actor }: Asked): readonly Line[] {
  if (!hasWrittenArguments(actor.platform)) return [];
  const { arguments: all = [] } = commandByName('cow') ?? {};
  const options = all.filter(({ isRest }) => isRest !== true);
  const shown = options.map((option): Line => {
    const choices = option.kind === 'choice' ? ` (${option.choices.join(', ')})` : '';
    const about = `${argumentText('cow', option.name, words)}${choices}`;
    return { kind: 'plain', spans: [{ kind: 'code', text: `--${option.name}` }, ` ${about}`] };
  });
  return [line(words.say('help.options'), 'heading'), ...shown];
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
      linked(words.say('about.source', { url: sourceUrl }), sourceUrl),
      line(words.say('about.privacy')),
      contact === undefined
        ? line(words.say('about.report'))
        : linked(words.say('about.contact', { contact }), contact),
    ]),
  );
}

/** A sentence with an address in it that can be opened; others, such as one for mail, stay words. */
function linked(text: string, address: string): Line {
  if (!/^https?:\/\/[^\s<>]+$/.test(address)) return line(text);
  const [before = '', after = ''] = text.split(address);
  return {
    kind: 'plain',
    spans: [before, { kind: 'link' as const, url: address }, after].filter((span) => span !== ''),
  };
}
