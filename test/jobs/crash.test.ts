import { expect, it } from 'vitest';
import { runCrash } from '../../bench/crash/run.ts';

it('loses nothing, repeats nothing and gets stuck nowhere, whatever is killed and when', async () => {
  const result = await runCrash({ jobs: 60, kills: 12, seed: 3, pictureMs: 10, patienceMs: 60_000 });
  expect(result).toMatchObject({ lost: 0, twice: 0, stuck: 0, failed: 0, auditOk: true, blobsUnaccounted: 0 });
  expect(result.done + result.cancelled).toBe(60);
  expect(result.kills).toBeGreaterThanOrEqual(12);
});
