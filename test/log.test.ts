import { expect, it } from 'vitest';

import { createLog, readable } from '../src/log.ts';

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

it('says of an error what happened and why, and nothing that hangs on it', () => {
  const lines: string[] = [];
  const log = createLog('info', (line) => lines.push(line));
  const cause = Object.assign(new Error('The connection was cut.'), { requestBody: 'a private prompt' });
  log.warn(
    { err: Object.assign(new Error('It could not be sent.', { cause }), { prompt: 'a private prompt' }) },
    'No.',
  );
  log.warn({ err: 'thrown as it was' }, 'No.');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    err: { type: 'Error', stack: expect.stringContaining('caused by: Error: The connection was cut.') },
  });
  expect(lines[0]).not.toContain('private');
  expect(lines[1]).toContain('thrown as it was');
});

it('reads as sentences on a terminal, with all that the line has', () => {
  const lines: string[] = [];
  const log = createLog('info', (line) => lines.push(readable(line)));
  log.info({ port: 8787, model: 'calf' }, 'The bot is up.');
  log.warn({ err: new Error('It does not answer.'), engine: 'cpu' }, 'The engine is out of order.');
  const [news, trouble] = lines;
  expect(news).toMatch(/^\d\d:\d\d:\d\d The bot is up\. port=8787 model=calf\n$/);
  expect(trouble).toMatch(
    /^\d\d:\d\d:\d\d WARN: The engine is out of order\. engine=cpu\n {2}Error: It does not answer\.\n/,
  );
});
