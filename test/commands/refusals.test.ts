import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogues, languages } from '../../commands/languages/languages.ts';

const root = path.join(import.meta.dirname, '../..');

/** Codes, by how they begin, of which no person in a chat hears, and why. */
const notForChats: Readonly<Record<string, string>> = {
  'audit.since': 'of the command line',
  'backup.': 'for whoever runs the bot, at a terminal',
  'restore.': 'for whoever runs the bot, at a terminal',
  'file.folder': 'of the command line',
  'file.format': 'of the command line',
  'file.is-folder': 'of the command line',
  'file.unreadable': 'of the command line',
  'job.state': 'of the command line',
  'job.unknown': 'of the command line',
  'jobs.nothing-to-cancel': 'of the command line',
  'mask.': 'chats take no masks',
  'parity.': 'of the command line',
  'blob.key-missing': 'settings of whoever runs the bot',
  'blob.key-wrong': 'settings of whoever runs the bot',
  'sanction.until': 'of the command line',
  'community.unknown': 'of the command line',
  'person.account': 'of the command line',
  'sidecar.': 'of the command line',
  stopped: 'of the command line',
  'variation.latents': 'of the command line',
  'vary.': 'of the command line',
  'weight.': 'of the command line; `settings` reads numbers itself',
  config: 'settings of whoever runs the bot',
  'device.': 'settings of whoever runs the bot',
  'discord.token': 'settings of whoever runs the bot',
  'telegram.token': 'settings of whoever runs the bot',
  'health.': 'settings of whoever runs the bot',
  'model.': 'settings of whoever runs the bot',
  'store.': 'settings of whoever runs the bot',
  'hashes.': 'lists that operators bring in',
  'blob.too-large': 'photos end at a lower limit',
  'jobs.unknown': 'a press is refused before, with job.gone',
  'parameters.back': 'chats set no such parameter',
  'parameters.balance': 'read by the table of commands before',
  'parameters.seeds': 'counted by cow before',
  'parameters.size': 'of the command line',
  'parameters.steps': 'chats set no such parameter',
  'restart.latents': 'kept with the wish that they were painted to',
  'variation.place': 'Move always names one',
  'variation.prompt': 'remix asks for it before, with remix.no-prompt',
  'variation.unknown': 'buttons name known ones only',
  'wish.': 'counted by cow before',
};

/** Codes that are put together, by the text that does so; none: what comes in was counted where it was made. */
const putTogether: Readonly<Record<string, readonly string[]>> = {
  '`${upload}.${kind}`': [
    'empty',
    'heic',
    'avif',
    'gif',
    'svg',
    'tiff',
    'bmp',
    'icon',
    'jxl',
    'jpeg-2000',
    'photoshop',
    'pdf',
    'video',
    'audio',
    'archive',
    'web-page',
    'text',
    'unknown',
  ].map((kind) => `photo.${kind}`),
  // Prompts and what a wish is made of are checked before: by the table of commands, by `pictureWish`.
  '`parameters.${name}`': [],
  '`wish.${name}`': [],
  // Of the moderation checks.
  'why.code': [],
  'answer.code': [],
  'carried.code': [],
  'verdict.code': [],
  'verdict.reasons[0].code': [],
};

interface Thrown {
  readonly codes: ReadonlySet<string>;
  /** How codes are given that are no plain text. */
  readonly expressions: ReadonlySet<string>;
  readonly written: ReadonlySet<string>;
}

async function thrown(): Promise<Thrown> {
  const codes = new Set<string>();
  const expressions = new Set<string>();
  const written = new Set<string>();
  for await (const file of glob(['src/**/*.ts', 'commands/**/*.ts', 'adapters/**/*.ts'], { cwd: root })) {
    const text = await readFile(path.join(root, file), 'utf8');
    for (const [, given = ''] of text.matchAll(/new Refusal\(\s*([^,]+),/g)) {
      const [, plain] = /^'([\w.-]+)'$/.exec(given.trim()) ?? [];
      const [, upload] = /^`\$\{upload\}(\.[\w-]+)`$/.exec(given.trim()) ?? [];
      if (plain !== undefined) codes.add(plain);
      else if (upload !== undefined) codes.add(`photo${upload}`);
      else expressions.add(given.trim());
    }
    // What rows remember, and what the moderation checks say.
    for (const [, code = ''] of text.matchAll(/(?:code: |^  )'([a-z-]+\.[a-z-]+)'[,:]/gm)) written.add(code);
  }
  for (const expression of expressions) for (const code of putTogether[expression] ?? []) codes.add(code);
  return { codes, expressions, written };
}

const isForChats = (code: string): boolean =>
  !Object.keys(notForChats).some((start) => (start.endsWith('.') ? code.startsWith(start) : code === start));

describe('refusals', () => {
  it('are all known by how their codes are given', async () => {
    const { expressions } = await thrown();
    expect([...expressions].filter((expression) => putTogether[expression] === undefined)).toEqual([]);
  });

  it.each(languages)('that people in chats can meet are said in %s', async (language) => {
    const { codes } = await thrown();
    expect(codes.size).toBeGreaterThan(100);
    const unsaid = [...codes]
      .filter(isForChats)
      .filter((code) => !Object.hasOwn(catalogues[language], `refusal.${code}`));
    expect(unsaid).toEqual([]);
  });

  it('in the catalogues are those that somebody makes', async () => {
    const { codes, written } = await thrown();
    const keys = Object.keys(catalogues.en).filter((key) => key.startsWith('refusal.'));
    expect(
      keys.map((key) => key.slice('refusal.'.length)).filter((code) => !codes.has(code) && !written.has(code)),
    ).toEqual([]);
  });
});
