import { expect, it, onTestFinished } from 'vitest';
import { type Readiness, serveHealth } from '../src/health.ts';

async function served(readiness: () => Promise<Readiness>) {
  const health = await serveHealth({ host: '127.0.0.1', port: 0 }, readiness);
  onTestFinished(() => health.close());
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${health.port}${path}`);
    return { status: response.status, body: await response.json() };
  };
  return { port: health.port, get };
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
    serveHealth({ host: '127.0.0.1', port }, async () => ({ trouble: [], facts: {} })),
  ).rejects.toMatchObject({
    code: 'health.port',
    message: expect.stringContaining('COWBOT_PORT'),
  });
});
