#!/usr/bin/env node
// `./cowbot.mjs generate …` from a checkout, with any Node that can start the launcher.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Every command has to see the settings that the bot itself has: doctor its tokens, backup its data folder.
const settings = existsSync('.env') ? ['--env-file=.env'] : [];
process.argv.splice(2, 0, ...settings, fileURLToPath(new URL('src/cli.ts', import.meta.url)));
await import('./run.mjs');
