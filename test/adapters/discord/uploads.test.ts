/** Files on their way to Discord, and requests that are ended in the middle of them. */
import { setImmediate as turn } from 'node:timers/promises';
import type { REST } from 'discord.js';
import { expect, it, onTestFinished } from 'vitest';
import { readBody, type WireBody } from '../../fakes/wire/body.ts';
import { serve } from '../../fakes/wire/serve.ts';

// Of Node's own undici and discord.js's, whichever is loaded first sends for both. It was Node's that left what nobody caught.
await fetch('data:,');
const { REST: Client, RequestMethod } = await import('discord.js');
const { sendWhole } = await import('../../../adapters/discord/wire.ts');

/** More than a connection takes at once. */
const data = Buffer.alloc(500_000, 7);
const files = [{ name: 'cow.png', contentType: 'image/png', data }];

async function discord(): Promise<{ readonly client: REST; readonly got: WireBody[] }> {
  const got: WireBody[] = [];
  const server = await serve((incoming, outgoing) => {
    readBody(incoming).then(
      (body) => {
        got.push(body);
        outgoing.setHeader('content-type', 'application/json').end('{}');
      },
      () => outgoing.destroy(),
    );
  });
  const client = new Client({ api: server.origin, retries: 0, makeRequest: sendWhole });
  onTestFinished(async () => {
    client.clearHandlerSweeper();
    client.clearHashSweeper();
    await server.close();
  });
  return { client, got };
}

const request = { method: RequestMethod.Patch, fullRoute: '/x', auth: false, files, body: { a: 1 } } as const;

it('brings files and words as one form', async () => {
  const { client, got } = await discord();
  expect(await client.request({ ...request, files: [...files] })).toEqual({});
  const [form] = got;
  expect(form?.fields.get('payload_json')).toBe('{"a":1}');
  expect(form?.files).toMatchObject([{ field: 'files[0]', name: 'cow.png', contentType: 'image/png' }]);
  expect(form?.files[0]?.bytes).toEqual(new Uint8Array(data));
});

it('ends with its signal at whatever moment, and leaves nothing behind that nobody catches', async () => {
  const { client } = await discord();
  const uncaught: unknown[] = [];
  const onUncaught = (error: unknown): void => void uncaught.push(error);
  process.on('unhandledRejection', onUncaught);
  onTestFinished(() => void process.off('unhandledRejection', onUncaught));
  for (let turns = 0; turns < 24; turns++) {
    const stop = new AbortController();
    const ended = client.request({ ...request, files: [...files], signal: stop.signal }).then(
      () => 'answered',
      (error: Error) => error.name,
    );
    for (let passed = 0; passed <= turns; passed++) await turn();
    stop.abort();
    expect(['AbortError', 'answered']).toContain(await ended);
  }
  await turn();
  expect(uncaught).toEqual([]);
});
