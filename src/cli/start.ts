import type { Command } from 'commander';

import { wantsPreviews } from '../../commands/presentation.ts';
import { findModelDir } from '../../models/catalogue.ts';
import { startApp } from '../app.ts';
import { readConfig } from '../config.ts';
import { createEngineHost } from '../engine/process/host.ts';
import { chooseDevice, parseDevice } from '../engine/runtime.ts';
import { createLog } from '../log.ts';
import { platformsOf } from '../platforms.ts';
import { sayLastWords } from './last-words.ts';
import { modelsDir } from './places.ts';

/** A second signal within this time is taken for the echo of the first. */
const echoMs = 1_000;

/** `cowbot start`: the bot, until SIGTERM or Ctrl-C; a second one ends it at once, and the next start goes on. */
export function addStartCommand(program: Command): void {
  program
    .command('start')
    .description('run the bot until SIGTERM or Ctrl-C; settings are in the environment or in .env')
    .addHelpText('after', '\nSettings: see .env.example. What is unfinished at a stop goes on at the next start.')
    .action(start);
}

async function start(): Promise<void> {
  const config = readConfig(process.env);
  const log = createLog(config.logLevel);
  sayLastWords(log);
  const device = chooseDevice(parseDevice(config.device));
  const host = createEngineHost({
    modelDir: findModelDir(config.model, modelsDir),
    device,
    onProcess: (event) => log.info({ engine: device, ...event }, 'The engine process.'),
  });
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  let askedMs = Number.POSITIVE_INFINITY;
  const onSignal = (): void => {
    // One Ctrl-C can arrive twice: from the terminal, and passed on by the launcher or npm.
    if (performance.now() - askedMs > echoMs) process.exit(1);
    askedMs = Math.min(askedMs, performance.now());
    ask();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const app = await startApp({
    config,
    clock: Date.now,
    log,
    engines: [{ name: device, host }],
    wantsPreviews,
    ...platformsOf({ config, clock: Date.now, random: Math.random, log }),
  });
  await asked;
  log.info('Stopping: what is being painted may end, the rest goes on at the next start.');
  await app.close();
}
