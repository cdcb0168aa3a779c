/** What a bot finds around it: its data, Discord, Telegram. What cannot be looked at is told in a sentence. */
import { type DiscordReport, lookAtDiscord } from '../../adapters/discord/operate.ts';
import { lookAtTelegram, type TelegramReport } from '../../adapters/telegram/operate.ts';
import { openLanguages } from '../../commands/languages/languages.ts';
import type { Config } from '../config.ts';
import { Fault, Refusal, RemoteError } from '../errors.ts';
import { withToolStore } from './tool-store.ts';

interface DataReport {
  readonly database: 'SQLite' | 'PostgreSQL';
  readonly folder: string;
  readonly freeBytes: number;
}

/** Null: off. */
type Looked<Report> = Report | { readonly trouble: string } | null;

export interface Surroundings {
  readonly data: Looked<DataReport>;
  readonly discord: Looked<DiscordReport>;
  readonly telegram: Looked<TelegramReport>;
}

const timeoutMs = 20_000;

export async function lookAround(config: Config): Promise<Surroundings> {
  const operator = { wordsOf: openLanguages(), signal: AbortSignal.timeout(timeoutMs) };
  const { discord, telegram } = config;
  const [data, atDiscord, atTelegram] = await Promise.all([
    looked(async () => withToolStore(async (store) => dataReport(config, await store.freeBytes()))),
    discord === undefined ? null : looked(() => lookAtDiscord({ ...discord, ...operator })),
    telegram === undefined ? null : looked(() => lookAtTelegram({ ...telegram, ...operator })),
  ]);
  return { data, discord: atDiscord, telegram: atTelegram };
}

function dataReport({ databaseUrl, dataDir }: Config, freeBytes: number): DataReport {
  return { database: databaseUrl === undefined ? 'SQLite' : 'PostgreSQL', folder: dataDir, freeBytes };
}

async function looked<Report>(look: () => Promise<Report>): Promise<Looked<Report>> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof Refusal || error instanceof RemoteError || error instanceof Fault) {
      return { trouble: error.message };
    }
    throw error;
  }
}

/** A line each; what is missing stands under it. */
export function surroundingsText({ data, discord, telegram }: Surroundings): string[] {
  return [
    ...lines('data', data, ({ database, folder, freeBytes }) => [
      `${database}, ${folder}, ${(freeBytes / 2 ** 30).toFixed(1)} GiB free`,
    ]),
    ...lines('discord', discord, ({ name, applicationId, inviteUrl, guilds }) => [
      `${name}, application ${applicationId}, in ${guilds.length} servers`,
      `invite it: ${inviteUrl}`,
      ...guilds.flatMap((guild) => guild.missing.map((sentence) => `in ${guild.name} it lacks ${sentence}`)),
    ]),
    ...lines('telegram', telegram, telegramLines),
  ];
}

function telegramLines(report: TelegramReport): string[] {
  const { username, link, hasPrivacyMode, mayJoinGroups, webhookOrigin, waitingUpdates, webhookError } = report;
  return [
    `@${username}, ${link}`,
    hasPrivacyMode
      ? 'privacy mode is on: in groups it sees commands and answers to it, which is enough'
      : 'privacy mode is off: it sees all that is said in groups, and needs none of it (@BotFather, /setprivacy)',
    ...(mayJoinGroups ? [] : ['it may not be added to groups (@BotFather, /setjoingroups)']),
    webhookOrigin === undefined ? 'updates are asked for' : `updates are brought to ${webhookOrigin}`,
    ...(waitingUpdates === 0 ? [] : [`${waitingUpdates} updates wait`]),
    ...(webhookError === undefined ? [] : [`the last ones could not be brought: ${webhookError}`]),
    ...(report.oldMenus.length === 0
      ? []
      : [`${report.oldMenus.length} menus of commands are old: start it, or run \`cowbot register\``]),
  ];
}

function lines<Report extends object>(name: string, report: Looked<Report>, text: (report: Report) => string[]) {
  const label = (line: string, i: number): string => `${(i === 0 ? name : '').padEnd(12)}${line}`;
  if (report === null) return [label('off: no token is set', 0)];
  if ('trouble' in report) return [label(report.trouble, 0)];
  return text(report).map(label);
}
