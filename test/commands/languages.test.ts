import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { TYPE, type MessageFormatElement, parse } from '@formatjs/icu-messageformat-parser';
import { describe, expect, it } from 'vitest';
import {
  catalogues,
  chooseLanguage,
  isMessageKey,
  languages,
  type MessageKey,
  openLanguages,
} from '../../commands/languages/languages.ts';
import { refusalText } from '../../commands/languages/refusals.ts';
import { argumentText, choiceText, commandTexts } from '../../commands/registration.ts';
import { commandTable, settingNames } from '../../commands/table.ts';

const keys = Object.keys(catalogues.en).filter(isMessageKey);
const wordsOf = openLanguages();

/** The names of what a message is filled with. */
function namesIn(elements: readonly MessageFormatElement[]): readonly string[] {
  const names = elements.flatMap((element): readonly string[] => {
    switch (element.type) {
      case TYPE.literal:
      case TYPE.pound:
        return [];
      case TYPE.plural:
      case TYPE.select:
        return [element.value, ...Object.values(element.options).flatMap(({ value }) => namesIn(value))];
      case TYPE.tag:
        return namesIn(element.children);
      case TYPE.argument:
      case TYPE.number:
      case TYPE.date:
      case TYPE.time:
        return [element.value];
    }
  });
  return [...new Set(names)].sort();
}

const namesOf = (language: (typeof languages)[number], key: MessageKey) => namesIn(parse(catalogues[language][key]));

async function sources(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const catalogueFiles = languages.map((language) => `${language}.ts`);
  const files = entries.filter((entry) => entry.isFile() && !catalogueFiles.includes(entry.name));
  const texts = await Promise.all(files.map((entry) => readFile(path.join(entry.parentPath, entry.name), 'utf8')));
  return texts.join('\n');
}

describe('the catalogues', () => {
  it.each(languages)('have all keys in %s, and no others', (language) => {
    expect(Object.keys(catalogues[language]).sort()).toEqual([...keys].sort());
  });

  it.each(languages)('are filled with the same values in %s', (language) => {
    for (const key of keys) expect([key, namesOf(language, key)]).toEqual([key, namesOf('en', key)]);
  });

  it('say everything in another way than English, but for words that are the same', () => {
    for (const language of ['de', 'es', 'zh'] as const) {
      const same = keys.filter((key) => catalogues[language][key] === catalogues.en[key]);
      expect(same.length, `${language}: ${same.join(', ')}`).toBeLessThan(7);
    }
  });

  it('have nothing that is not used', async () => {
    const root = path.join(import.meta.dirname, '../..');
    const text = (await Promise.all(['commands', 'src'].map((folder) => sources(path.join(root, folder))))).join('\n');
    const quoted = new Set(Array.from(text.matchAll(/'([a-z][a-z.-]+)'/g), ([, literal]) => literal));
    // Keys that are put together, by the text that they begin with.
    const families = ['button.', 'state.', 'result.', 'undeliverable.', 'command.', 'argument.', 'choice.'].concat([
      'card.title.',
      'card.decided.',
      'report.reason.',
      'sanction.',
      'setting.',
      'settings.group.',
      'usual.',
      'value.',
    ]);
    for (const family of families) expect(text).toContain(`\`${family}$`);
    const unused = keys.filter((key) => {
      // Refusals have a test of their own.
      if (['refusal.', ...families].some((family) => key.startsWith(family))) return false;
      return !quoted.has(key);
    });
    expect(unused).toEqual([]);
  });

  it('have choices and arguments that the table has, and buttons that somebody shows', async () => {
    const text = await sources(path.join(import.meta.dirname, '../../commands'));
    const rest = (family: string) =>
      keys.filter((key) => key.startsWith(family)).map((key) => key.slice(family.length));
    const unshown = rest('button.').filter(
      (action) => !text.includes(`'${action}'`) && !text.includes(`button.${action}'`),
    );
    expect(unshown).toEqual([]);
    const inTable = new Set<string>();
    for (const { name, arguments: args, maxPhotos } of commandTable) {
      inTable.add(name);
      if (maxPhotos > 0) inTable.add(`${name}.photo`);
      for (const argument of args) {
        inTable.add(`${name}.${argument.name}`);
        if (argument.kind === 'choice')
          for (const choice of argument.choices) inTable.add(`${argument.name}.${choice}`);
      }
    }
    expect(rest('choice.').filter((key) => !inTable.has(key))).toEqual([]);
    expect(rest('argument.').filter((key) => !inTable.has(key))).toEqual([]);
    expect(rest('command.').filter((key) => !inTable.has(key.replace(/\.(name|about)$/, '')))).toEqual([]);
  });
});

describe('the texts of the table', () => {
  it.each(languages)('are all there in %s, within what the platforms take', (language) => {
    const words = wordsOf(language);
    for (const { name, surface, arguments: args } of commandTable) {
      const texts = commandTexts(name, words);
      expect(isMessageKey(`command.${name}.name`)).toBe(true);
      // https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-naming
      expect(texts.name).toMatch(surface === 'typed' ? /^[-_\p{Ll}\p{Lo}\p{N}]{1,32}$/u : /^.{1,32}$/u);
      expect(texts.about.length).toBeLessThanOrEqual(100);
      for (const argument of args) {
        expect(isMessageKey(`argument.${name}.${argument.name}`)).toBe(true);
        expect(argumentText(name, argument.name, words).length).toBeLessThanOrEqual(100);
        if (argument.kind !== 'choice') continue;
        expect(argument.choices.length).toBeLessThanOrEqual(25);
        for (const choice of argument.choices) expect(choiceText(argument.name, choice, words)).not.toBe('');
      }
    }
  });

  it('say of every setting what it is', () => {
    expect(settingNames.filter((name) => !isMessageKey(`choice.name.${name}`))).toEqual([]);
  });

  it.each(languages)('have different names in %s', (language) => {
    const names = commandTable.map(({ name }) => commandTexts(name, wordsOf(language)).name);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(languages)('have buttons that fit in %s', (language) => {
    const labels = keys.filter((key) => key.startsWith('button.')).map((key) => wordsOf(language).say(key));
    for (const label of labels) expect(label.length).toBeLessThanOrEqual(20);
    expect(new Set(labels).size).toBe(labels.length);
  });
});

describe('words', () => {
  it('follow the plural rules of the language', () => {
    const values = (pictures: number) => ({ pictures, people: 1 });
    expect(wordsOf('en').say('why.people-here-first', values(1))).toContain('1 picture of 1 other person here');
    expect(wordsOf('de').say('why.people-here-first', values(2))).toContain('2 Bilder von 1 anderen Person hier');
  });

  it('say times rounded up', () => {
    expect(wordsOf('en').duration(0)).toBe('1 second');
    expect(wordsOf('en').duration(61_000)).toBe('61 seconds');
    expect(wordsOf('de').duration(91_000)).toBe('2 Minuten');
    expect(wordsOf('es').duration(3 * 3_600_000)).toBe('3 horas');
  });

  it('leave what people wrote as it is', () => {
    const prompt = "it's {count} <b>'{name}'</b> ## 🐄";
    expect(wordsOf('en').say('picture.alt', { prompt, number: 1, count: 1 })).toBe(prompt);
  });

  it('are chosen by the person, then the community, then the platform', () => {
    expect(chooseLanguage(undefined, 'de', 'es-419')).toBe('de');
    expect(chooseLanguage('zh', 'de')).toBe('zh');
    expect(chooseLanguage('fr', 'zh-Hans')).toBe('zh');
    expect(chooseLanguage(undefined, 'pt-BR')).toBe('en');
  });

  it('say a refusal by its code, or in the words it was made in', () => {
    const known = { code: 'cow.count', sentence: 'fallback', details: { limit: 1 } };
    expect(refusalText(known, wordsOf('de'))).toContain('1 Bild');
    expect(refusalText({ code: 'nobody.knows', sentence: 'fallback' }, wordsOf('de'))).toBe('fallback');
    expect(refusalText({ code: 'cow.count', sentence: 'fallback' }, wordsOf('de'))).toBe('fallback');
  });
});
