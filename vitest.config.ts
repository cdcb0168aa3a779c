import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Native sessions and child processes: a forked worker a file keeps one suite's crash out of the next.
    pool: 'forks',
    // Most of the time a test waits for something; one core is never kept back for the runner.
    maxWorkers: '100%',
    maxConcurrency: 2,
    globalSetup: './tools/install-postgres.ts',
    setupFiles: './test/setup.ts',
    testTimeout: 240_000,
    // What is waited for comes when it comes; the machine may be busy.
    expect: { poll: { timeout: 30_000, interval: 20 } },
    hookTimeout: 240_000,
    reporters: process.env['CI'] === undefined ? ['default', './tools/tally.ts'] : ['verbose', './tools/tally.ts'],
    coverage: { provider: 'v8', include: ['src/**', 'commands/**', 'adapters/**'], reporter: ['text-summary'] },
  },
});
