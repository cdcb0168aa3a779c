import { expect, it } from 'vitest';

import { createLog } from '../src/log.ts';

it('takes tokens out of whatever is logged, wherever they stand', () => {
  const lines: string[] = [];
  const log = createLog('info', (line) => lines.push(line));
  const cause = new Error('GET https://api.telegram.org/bot123456:AAH-secret_x/getMe failed');
  log.error(
    { err: cause, url: 'https://discord.com/api/webhooks/42/aW50ZXJhY3Rpb24/messages/@original' },
    'sending failed',
  );
  log.debug('below the level');
  expect(lines).toHaveLength(1);
  const [line] = lines;
  expect(line).not.toMatch(/AAH-secret|aW50ZXJhY3Rpb24/);
  expect(line).toMatch(/bot\[redacted\]\/getMe/);
  expect(line).toMatch(/webhooks\/42\/\[redacted\]\/messages/);
});
