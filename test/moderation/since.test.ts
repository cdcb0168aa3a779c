import { expect, it } from 'vitest';
import { parseSince } from '../../src/moderation/audit/since.ts';

const now = Date.UTC(2026, 10, 21, 12);

it.each([
  ['24h', Date.UTC(2026, 10, 20, 12)],
  ['7d', Date.UTC(2026, 10, 14, 12)],
  [' 2 W ', Date.UTC(2026, 10, 7, 12)],
  ['2026-11-01', Date.UTC(2026, 10, 1)],
  ['2026-11-01 08:30', Date.UTC(2026, 10, 1, 8, 30)],
  ['2026-11-01T08:30', Date.UTC(2026, 10, 1, 8, 30)],
])('reads %s', (text, at) => {
  expect(parseSince(text, now)).toBe(at);
});

it.each(['', 'yesterday', '7', '7m', '2026-13-01', '2026-02-31x', '01.11.2026'])('does not read %j', (text) => {
  expect(() => parseSince(text, now)).toThrow(expect.objectContaining({ code: 'audit.since' }));
});
