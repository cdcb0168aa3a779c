import { beforeAll, describe, expect, test } from 'vitest';
import { compileCommunityWords } from '../../src/moderation/checks/community-words.ts';
import { createPromptChecker, type PromptChecker } from '../../src/moderation/checks/prompt.ts';
import type { Strictness } from '../../src/moderation/checks/verdict.ts';
import { promptGroups } from './prompts.ts';
import { spellings } from './spellings.ts';

const strictnesses: readonly Strictness[] = ['off', 'normal', 'strict'];

let checker: PromptChecker;

beforeAll(() => {
  checker = createPromptChecker();
});

function kindOf(prompt: string, strictness: Strictness, photoShowsPerson: boolean): string {
  return checker.check(prompt, { strictness, photoShowsPerson }).kind;
}

function codesOf(prompt: string, strictness: Strictness, photoShowsPerson = false): string[] {
  const verdict = checker.check(prompt, { strictness, photoShowsPerson });
  return verdict.kind === 'allow' ? [] : verdict.reasons.map(({ code }) => code);
}

describe('table of prompts', () => {
  test('has more than 420 prompts, each once', () => {
    const prompts = promptGroups.flatMap((group) => group.prompts);
    expect(new Set(prompts).size).toBe(prompts.length);
    expect(prompts.length).toBeGreaterThan(420);
  });

  test.each(promptGroups.map((group) => [group.name, group] as const))('%s', (name, { alone, withPerson, prompts }) => {
    const wrong: string[] = [];
    for (const prompt of prompts) {
      for (const [place, strictness] of strictnesses.entries()) {
        for (const [hasPerson, expected] of [
          [false, alone[place]],
          [true, withPerson[place]],
        ] as const) {
          const kind = kindOf(prompt, strictness, hasPerson);
          if (kind !== expected)
            wrong.push(`${prompt}: ${kind}, not ${expected} (${strictness}${hasPerson ? ', person' : ''})`);
        }
      }
    }
    const cases = prompts.length * 6;
    process.stdout.write(
      `${name}: ${prompts.length} prompts, ${cases - wrong.length} of ${cases} verdicts as expected\n`,
    );
    expect(wrong).toEqual([]);
  });
});

const sexualTerms = [
  'nude',
  'naked',
  'topless',
  'undressed',
  'porn',
  'hentai',
  'sexy',
  'erotic',
  'lingerie',
  'sex',
  'boobs',
  'penis',
  'orgasm',
  'without clothes',
];
const minorTerms = [
  'child',
  'children',
  'kid',
  'toddler',
  'schoolgirl',
  'school girl',
  'schoolboy',
  'loli',
  'shota',
  'teen',
  'teenager',
  'preteen',
  'underage',
  'little girl',
  'minor',
  'infant',
  'baby',
  'high school',
];
const ages = [
  '12 year old',
  '9yo',
  '17-year-old',
  'aged 13',
  'twelve years old',
  'under 18',
  'fifteen year old',
  '8 y/o',
  '6 months old',
  'age 16',
];

describe('a sexual and a minor term together', () => {
  test('are refused in every spelling, at every strictness', () => {
    const missed: string[] = [];
    let tried = 0;
    for (const { name, write } of spellings) {
      for (const sexual of sexualTerms) {
        for (const minor of minorTerms) {
          for (const prompt of [
            `${write(sexual)} ${write(minor)}`,
            `${minor}, ${write(sexual)}`,
            `a ${write(minor)} on a sofa, ${sexual}`,
          ]) {
            tried += 1;
            if (!codesOf(prompt, 'off').includes('prompt.minor-sexual')) missed.push(`${name}: ${prompt}`);
          }
        }
      }
    }
    process.stdout.write(`forbidden pairs: ${tried} spellings, ${missed.length} missed\n`);
    expect(tried).toBeGreaterThan(30_000);
    expect(missed).toEqual([]);
  });

  test('are refused with ages under eighteen, and not from eighteen on for the age', () => {
    const missed = ages.flatMap((age) =>
      sexualTerms.flatMap((sexual) =>
        [`${sexual}, ${age}`, `${age} ${sexual}`, `${age.toUpperCase()} ${sexual}`].filter(
          (prompt) => !codesOf(prompt, 'off').includes('prompt.minor-sexual'),
        ),
      ),
    );
    expect(missed).toEqual([]);
    for (let age = 18; age <= 99; age += 1) {
      expect(codesOf(`nude, ${age} year old woman`, 'normal')).toEqual(['prompt.nudity']);
      expect(codesOf(`nude woman, aged ${age}`, 'normal')).toEqual(['prompt.nudity']);
    }
    for (let age = 1; age < 18; age += 1) {
      expect(codesOf(`nude, ${age} year old`, 'off')).toEqual(['prompt.minor-sexual']);
    }
  });

  test('say so with one reason and a sentence', () => {
    expect(checker.check('nude child', { strictness: 'off', photoShowsPerson: false })).toEqual({
      kind: 'refuse',
      reasons: [
        {
          code: 'prompt.minor-sexual',
          sentence:
            'Your prompt puts a minor and something sexual together. That is never painted here; take one of the two out.',
        },
      ],
    });
  });
});

describe('nudity with a photo of a person', () => {
  test('is refused in every spelling, at every strictness', () => {
    const missed: string[] = [];
    for (const { name, write } of spellings) {
      for (const term of ['nude', 'naked', 'topless', 'undressed', 'without clothes']) {
        const prompt = `make her ${write(term)}`;
        if (!codesOf(prompt, 'off', true).includes('prompt.nudity-of-person')) missed.push(`${name}: ${prompt}`);
      }
    }
    expect(missed).toEqual([]);
  });
});

describe("a community's own words", () => {
  const words = compileCommunityWords([
    { pattern: 'pineapple*', action: 'hold' },
    { pattern: 'our mayor', action: 'refuse' },
    { pattern: '*berg', action: 'refuse' },
    { pattern: '凤梨', action: 'hold' },
    { pattern: 'c++ (1)', action: 'hold' },
  ]);
  const kind = (prompt: string): string =>
    checker.check(prompt, { strictness: 'off', photoShowsPerson: false, communityWords: words }).kind;

  test.each([
    ['pizza with pineapples', 'hold'],
    ['p1ne4pple', 'hold'],
    ['p i n e a p p l e', 'hold'],
    ['our mayor as a frog', 'refuse'],
    ['0ur-may0r', 'refuse'],
    ['an iceberg', 'refuse'],
    ['pineapple on an iceberg', 'refuse'],
    ['一个凤梨', 'hold'],
    ['the mayor of our town', 'allow'],
    ['an apple, a pine', 'allow'],
    ['bergamot', 'allow'],
  ])('%s: %s', (prompt, expected) => {
    expect(kind(prompt)).toBe(expected);
  });

  test.each([
    [[{ pattern: '*', action: 'hold' }], 'community-word.too-short'],
    [[{ pattern: 'a*', action: 'hold' }], 'community-word.too-short'],
    [[{ pattern: 'word * word', action: 'hold' }], 'community-word.too-short'],
    [[{ pattern: '!!!', action: 'hold' }], 'community-word.too-short'],
    [[{ pattern: 'x'.repeat(32), action: 'hold' }], 'community-word.too-long'],
    [[{ pattern: 'a*b*c*d*e', action: 'hold' }], 'community-word.too-many-stars'],
    [
      Array.from({ length: 201 }, (_, place) => ({ pattern: `word${place}`, action: 'hold' as const })),
      'community-word.too-many',
    ],
  ] as const)('limits: %j', (list, code) => {
    expect(() => compileCommunityWords(list)).toThrow(expect.objectContaining({ code }));
  });

  test('cannot be made slow: work grows with the text, not faster', () => {
    const evil = compileCommunityWords(
      Array.from({ length: 200 }, (_, place) => ({
        pattern: `a*a*a*${'ab'.repeat(place % 10)}c`,
        action: 'hold' as const,
      })),
    );
    const prompt = 'a'.repeat(20_000);
    // Backtracking would not end within the test's time.
    expect(checker.check(prompt, { strictness: 'off', photoShowsPerson: false, communityWords: evil }).kind).toBe(
      'allow',
    );
  });
});
