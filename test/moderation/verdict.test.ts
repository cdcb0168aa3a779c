import { expect, test } from 'vitest';
import { allow, combine, reason, verdictOf } from '../../src/moderation/checks/verdict.ts';

test('the strictest verdict wins, with the reasons of its kind only, each once', () => {
  const hold = verdictOf('hold', 'prompt.gore');
  const refuse = verdictOf('refuse', 'prompt.hate');
  expect(combine([])).toEqual({ kind: 'allow' });
  expect(combine([allow, allow])).toEqual({ kind: 'allow' });
  expect(combine([allow, hold, hold])).toEqual({ kind: 'hold', reasons: [reason('prompt.gore')] });
  expect(combine([hold, refuse, allow, verdictOf('refuse', 'prompt.explicit')])).toEqual({
    kind: 'refuse',
    reasons: [reason('prompt.hate'), reason('prompt.explicit')],
  });
});
