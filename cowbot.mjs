#!/usr/bin/env node
// `./cowbot.mjs generate …` from a checkout, with any Node that can start the launcher.
import { fileURLToPath } from 'node:url';

process.argv.splice(2, 0, fileURLToPath(new URL('src/cli.ts', import.meta.url)));
await import('./run.mjs');
