import type { Command } from 'commander';
import { existsSync } from 'node:fs';

import { registerAtDiscord } from '../../adapters/discord/operate.ts';
import { registerAtTelegram } from '../../adapters/telegram/operate.ts';
import { openLanguages } from '../../commands/languages/languages.ts';
import { type Config, readConfig } from '../config.ts';
import { Refusal } from '../errors.ts';
import { sqliteFile } from '../store/store.ts';
import { printJson } from './output.ts';
import { interruptible, withToolStore } from './tool-store.ts';

/** `cowbot register`: tells both platforms of the commands now; the bot does so by itself at every start. */
export function addRegisterCommand(program: Command): void {
  program
    .command('register')
    .description('tell Discord and Telegram of the commands, where these have changed')
    .option('--force', 'also where they have not')
    .option('--json', 'one JSON object a platform')
    .action(async ({ force = false, json }: { force?: boolean; json?: true }) => {
      const config = readConfig(process.env);
      if (config.discord === undefined && config.telegram === undefined) {
        throw new Refusal('config', 'Neither DISCORD_TOKEN nor TELEGRAM_TOKEN is set: there is nobody to tell.');
      }
      await interruptible(async (signal) => {
        for (const { platform, ...told } of [
          ...(await tellDiscord(config, force, signal)),
          ...(await tellTelegram(config, force, signal)),
        ]) {
          if (json) printJson({ platform, ...told });
          else console.log(`${platform}: ${textOf(told)}`);
        }
      });
    });
}

interface Told {
  readonly platform: string;
  readonly added: readonly string[];
  readonly updated: readonly string[];
  readonly removed: readonly string[];
}

async function tellDiscord(config: Config, isForced: boolean, signal: AbortSignal): Promise<Told[]> {
  const { discord } = config;
  if (discord === undefined) return [];
  const tell = async (last: string | undefined) =>
    registerAtDiscord({ ...discord, wordsOf: openLanguages(), signal }, isForced ? undefined : last);
  // What Discord was told last is remembered beside the jobs; before the first start there is nothing to remember it in.
  const hasData = config.databaseUrl !== undefined || existsSync(sqliteFile(config.dataDir));
  const { added, updated, removed } = hasData
    ? await withToolStore(async (store) => {
        const registered = store.keyv<string>('registered');
        const told = await tell(await registered.get('discord'));
        await registered.set('discord', told.fingerprint);
        return told;
      })
    : await tell(undefined);
  return [{ platform: 'discord', added, updated, removed }];
}

async function tellTelegram({ telegram }: Config, isForced: boolean, signal: AbortSignal): Promise<Told[]> {
  if (telegram === undefined) return [];
  const updated = await registerAtTelegram({ ...telegram, wordsOf: openLanguages(), signal }, isForced);
  return [{ platform: 'telegram', added: [], updated, removed: [] }];
}

function textOf({ added, updated, removed }: Omit<Told, 'platform'>): string {
  const parts = [
    ...(added.length === 0 ? [] : [`added ${added.join(', ')}`]),
    ...(updated.length === 0 ? [] : [`set ${updated.join(', ')}`]),
    ...(removed.length === 0 ? [] : [`removed ${removed.join(', ')}`]),
  ];
  return parts.length === 0 ? 'nothing has changed' : parts.join('; ');
}
