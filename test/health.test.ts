import { expect, it, onTestFinished } from 'vitest';
import { Registry } from 'prom-client';
import { type Readiness, serveHealth } from '../src/health.ts';
import { createMetrics } from '../src/metrics.ts';

const anyPort = { host: '127.0.0.1', port: 0 };

async function served(readiness: () => Promise<Readiness>) {
  const health = await serveHealth(anyPort, readiness, createMetrics(new Registry()));
  onTestFinished(() => health.close());
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${health.port}${path}`);
    return { status: response.status, body: await response.json() };
  };
  return { ...health, get };
}

it('says that it lives, and whether it takes new work', async () => {
  const trouble: string[] = [];
  const { get } = await served(async () => ({ trouble, facts: { queued: 3 } }));
  expect(await get('/healthz')).toEqual({ status: 200, body: { status: 'ok' } });
  expect(await get('/readyz')).toEqual({ status: 200, body: { ready: true, trouble: [], queued: 3 } });
  trouble.push('The disk is nearly full.');
  const notReady = { ready: false, trouble: ['The disk is nearly full.'], queued: 3 };
  expect(await get('/readyz')).toEqual({ status: 503, body: notReady });
  expect((await get('/healthz')).status).toBe(200);
  expect((await get('/secrets')).status).toBe(404);
});

it('is not ready when nobody can tell, and does not say why', async () => {
  const { get } = await served(async () => {
    throw new Error('/home/someone/cowbot.db is locked');
  });
  expect(await get('/readyz')).toEqual({
    status: 503,
    body: { ready: false, trouble: ['The database cannot be read.'] },
  });
});

it('refuses a port that is taken in a sentence', async () => {
  const { port } = await served(async () => ({ trouble: [], facts: {} }));
  await expect(
    serveHealth({ ...anyPort, port }, async () => ({ trouble: [], facts: {} }), createMetrics(new Registry())),
  ).rejects.toMatchObject({
    code: 'health.port',
    message: expect.stringContaining('COWBOT_PORT'),
  });
});

it('hands what is posted to a path to whoever asked for it, and nothing that is too long', async () => {
  const { port, route } = await served(async () => ({ trouble: [], facts: {} }));
  const taken: string[] = [];
  route('/telegram', async (request) => {
    taken.push(await request.text());
    return new Response(null, { status: 200 });
  });
  const post = async (path: string, body: string | ReadableStream): Promise<number> =>
    (await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body, duplex: 'half' })).status;
  expect(await post('/telegram?again', 'an update')).toBe(200);
  expect(await post('/discord', 'an update')).toBe(404);
  expect((await fetch(`http://127.0.0.1:${port}/telegram`)).status).toBe(404);
  expect(await post('/telegram', 'x'.repeat(2 ** 20 + 1))).toBe(413);
  // Whoever says no length is cut off, maybe before the answer is read.
  const endless = post('/telegram', new Blob(['x'.repeat(2 ** 21)]).stream());
  expect(await endless.catch(() => 413)).toBe(413);
  expect(taken).toEqual(['an update']);
});
