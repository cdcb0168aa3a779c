import { describe, expect, it } from 'vitest';
import { plainText } from '../../commands/contract/reply.ts';
import { openLanguages } from '../../commands/languages/languages.ts';
import { withPresentation } from '../../commands/presentation.ts';
import { progressMessage, resultMessage } from '../../commands/result-message.ts';
import type { Content } from '../../src/jobs/adapter.ts';

const wordsOf = openLanguages();

function said(parts: Pick<Content, 'state' | 'code' | 'sentence'>, isPrivate: boolean): string {
  const part = { jobId: 'j1', language: 'en', askerId: '1', askerName: 'Ada', isSpoiler: false, isPrivate } as const;
  const content = { jobId: 'j1', prompt: 'a bare knight', pictures: [], isUnshared: false, ...parts };
  return plainText(resultMessage(content, withPresentation({ chat: 'barn' }, part), wordsOf));
}

const held = { state: 'held', code: 'prompt.nudity', sentence: 'Please reword it.' } as const;

describe('a picture that a moderator looks at', () => {
  it('says so, and neither why nor what was asked for where others read it', () => {
    const text = 'A moderator looks at this picture first. It will appear here if all is well.';
    expect(said(held, false)).toBe(`Ada asked for a picture.\n${text}`);
    expect(said(held, true)).toBe(`Ada asked for:\na bare knight\n${text}`);
  });

  it('says that it was reported where it was', () => {
    const hidden = { ...held, code: 'moderation.hidden' };
    expect(said(hidden, false)).toBe(
      'Ada asked for a picture.\nThis picture was reported. It is hidden until a moderator has looked at it.',
    );
  });
});

it('does not repeat in public what was refused', () => {
  const refused = { ...held, state: 'refused' } as const;
  expect(said(refused, false)).toBe('Ada asked for a picture.\nYour prompt asks for nudity. Please reword it.');
  expect(said(refused, true)).toContain('a bare knight');
});

it('says times in UTC, wherever it runs', () => {
  const until = Date.UTC(2026, 10, 21, 23, 30);
  for (const key of ['sanction.suspend', 'sanction.mute'] as const) {
    expect(wordsOf('en').say(key, { until })).toMatch(/Nov 21, 2026, 11:30\sPM UTC/);
    expect(wordsOf('de').say(key, { until })).toMatch(/21\. Nov\. 2026, 23:30 UTC/);
  }
});

it('says of one of several pictures what it says of one, and nothing of all', () => {
  const progress = { state: 'running', phase: 'descend', done: 3, total: 4, remainingMs: 1000 } as const;
  const part = { jobId: 'j1', language: 'en', askerId: '1', askerName: 'Ada', isSpoiler: false } as const;
  const shown = (count: number): string =>
    plainText(progressMessage(progress, withPresentation({ chat: 'barn' }, { ...part, count }), wordsOf));
  expect(shown(1)).toBe('Painting … ▰▰▰▰▰▰▰▰▱▱ 75 %\nAbout 1 second left.');
  expect(shown(4)).toBe('Painting one of 4 pictures … ▰▰▰▰▰▰▰▰▱▱ 75 %');
});
