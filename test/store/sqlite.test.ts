import { expect, it } from 'vitest';

import { opened, temporaryFolder } from '../contracts/place.ts';

it('lets the event loop turn, however many statements wait for the connection', async () => {
  const { db } = await opened({ dataDir: await temporaryFolder() });
  const loop = { hasTurned: false };
  setImmediate(() => (loop.hasTurned = true));
  // Each answers at once, so that nothing here waits for anything but the connection.
  const enough = 100_000;
  let answered = 0;
  for (; !loop.hasTurned && answered < enough; answered += 1) await db.selectFrom('keyv').select('key').execute();
  expect(answered).toBeLessThan(enough);
});
