import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { verifyAudit } from '../../src/store/audit.ts';
import { countJobs, insertJob, jobById } from '../../src/store/jobs.ts';
import { opened, temporaryFolder } from '../contracts/place.ts';
import { newJob, settle } from '../contracts/rows.ts';

/** Starts a bot in a process of its own; `acknowledged` fills while it runs. */
function startBot(dataDir: string, firstJob: number) {
  const bot = spawn(
    process.execPath,
    [fileURLToPath(new URL('./bot-process.ts', import.meta.url)), dataDir, String(firstJob)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  onTestFinished(() => void bot.kill('SIGKILL'));
  const acknowledged: string[] = [];
  const lines = createInterface({ input: bot.stdout });
  const reached = (count: number) =>
    new Promise<void>((resolve) => {
      lines.on('line', () => {
        if (acknowledged.length >= count) resolve();
      });
    });
  lines.on('line', (line) => acknowledged.push(line));
  return {
    acknowledged,
    reached,
    kill: async () => {
      const ended = [once(bot, 'exit'), once(lines, 'close')];
      bot.kill('SIGKILL');
      await Promise.all(ended);
    },
  };
}

describe('a data folder', () => {
  it('is refused to a second bot of the same process, and free after a close', async () => {
    const dataDir = await temporaryFolder();
    const first = await opened({ dataDir });
    await expect(opened({ dataDir })).rejects.toMatchObject({
      code: 'store.in-use',
      message: expect.stringContaining(`Another cowbot is already running on the data folder ${dataDir}`),
    });
    await first.close();
    await opened({ dataDir });
  });

  it('is read and written by tools beside the bot', async () => {
    const dataDir = await temporaryFolder();
    const bot = await opened({ dataDir });
    await settle(bot);
    const tool = await opened({ dataDir }, { role: 'tool' });
    await Promise.all(
      Array.from({ length: 40 }, (_, i) => {
        const store = i % 2 === 0 ? bot : tool;
        return store.transaction((tx) => insertJob(tx, newJob(`job-${i}`)));
      }),
    );
    expect([await countJobs(bot.db, {}), await countJobs(tool.db, {})]).toEqual([40, 40]);
  });

  it('is refused while another process has it, free as soon as that is killed, and whole', async () => {
    const dataDir = await temporaryFolder();
    const acknowledged: string[] = [];
    for (let round = 0; round < 3; round++) {
      const bot = startBot(dataDir, round * 100_000);
      await bot.reached(15);
      await expect(opened({ dataDir })).rejects.toMatchObject({ code: 'store.in-use' });
      await bot.kill();
      acknowledged.push(...bot.acknowledged);
    }
    const store = await opened({ dataDir });
    for (const id of acknowledged) {
      const job = await jobById(store.db, id);
      expect((await store.blobs.get(job?.photoHash ?? '')).toString()).toBe(`photo ${id.slice(4)}`);
    }
    expect(await verifyAudit(store.db)).toEqual({ rows: await countJobs(store.db, {}), brokenAt: undefined });
  });
});
