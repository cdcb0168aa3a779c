/** Settings from the environment: typed, with defaults, and every mistake listed at once. */
import { createHmac } from 'node:crypto';

import { z } from 'zod';

import { devices } from './engine/runtime.ts';
import { Refusal } from './errors.ts';
import type { SigningFiles } from './photo/sign.ts';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** A number as environments write it; with a unit it becomes that many of our own. */
const amount = (from: number, to: number, unit = 1) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?$/, 'Expected a number')
    .transform(Number)
    .pipe(z.number().min(from).max(to))
    .transform((value) => value * unit);
const whole = (from: number, to: number) => amount(from, to).pipe(z.number().int());

const secondMs = 1000;
const hourMs = 3600 * secondMs;
const dayMs = 24 * hourMs;
const mib = 2 ** 20;

const list = (each: RegExp, form: string) =>
  z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .pipe(z.array(z.string().regex(each, `Expected ${form}`)));
const url = z.string().regex(/^https?:\/\/[^\s,]+$/, 'Expected an http or https URL');

/** Either form of 32 bytes; anything else has another length. */
function readKey(text: string): Buffer {
  return Buffer.from(text, /^[\da-f]{64}$/i.test(text) ? 'hex' : 'base64');
}
/** What the bot's web server answers by itself. */
const ownPaths = ['/healthz', '/readyz', '/metrics'];

const environment = z.object({
  DISCORD_TOKEN: z.string().min(1).optional(),
  DISCORD_API_URL: url.default('https://discord.com/api'),
  DISCORD_CDN_ORIGINS: list(
    /^https?:\/\/[^/\s]+$/,
    'origins such as https://cdn.discordapp.com, separated by commas',
  ).default(['https://cdn.discordapp.com', 'https://media.discordapp.net']),
  TELEGRAM_TOKEN: z.string().min(1).optional(),
  TELEGRAM_API_URL: url.default('https://api.telegram.org'),
  TELEGRAM_LOCAL_FILES: z
    .string()
    .regex(/^(\/|[a-z]:[\\/])/i, 'Expected an absolute path')
    .optional(),
  TELEGRAM_WEBHOOK_URL: url
    .refine(
      (text) => !ownPaths.includes(URL.parse(text)?.pathname ?? ''),
      `Expected a path other than ${ownPaths.join(', ')}`,
    )
    .optional(),
  TELEGRAM_WEBHOOK_SECRET: z
    .string()
    .regex(/^[\w-]{1,256}$/, 'Expected 1 to 256 letters, digits, _ and -')
    .optional(),
  COWBOT_OPERATORS: list(/^(discord|telegram):\d+$/, 'discord:ID or telegram:ID, separated by commas').default([]),
  COWBOT_SOURCE_URL: url.default('https://arxiv.org/abs/2306.08247'),
  COWBOT_MODEL: z.string().min(1).default('calf'),
  COWBOT_DEVICE: z.enum(devices).default('auto'),
  LOG_LEVEL: z.enum(logLevels).default('info'),
  COWBOT_DATA: z.string().min(1).default('./data'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'Expected postgres://…')
    .optional(),
  COWBOT_BLOB_KEY: z
    .string()
    .transform(readKey)
    .refine((key) => key.length === 32, 'Expected 32 bytes, as 64 hexadecimal digits or in base64')
    .optional(),
  COWBOT_C2PA_CERT: z.string().min(1).optional(),
  COWBOT_C2PA_KEY: z.string().min(1).optional(),
  COWBOT_PORT: whole(0, 65_535).default(8787),
  COWBOT_HOST: z.string().min(1).default('127.0.0.1'),
  COWBOT_WAITING_PER_PERSON: whole(1, 1000).default(10),
  COWBOT_RUNNING_PER_PERSON: whole(1, 100).default(2),
  COWBOT_HALF_LIFE_HOURS: amount(0.1, 1000, hourMs).default(6 * hourMs),
  COWBOT_MIN_FREE_MIB: amount(0, 1_000_000, mib).default(512 * mib),
  COWBOT_ENGINE_DOWN_MINUTES: amount(0, 1440, 60 * secondMs).default(5 * 60 * secondMs),
  COWBOT_DRAIN_SECONDS: amount(0, 3600, secondMs).default(20 * secondMs),
  COWBOT_DELIVERY_HOURS: amount(0.01, 720, hourMs).default(24 * hourMs),
  COWBOT_PHOTO_HOURS: amount(0, 8760, hourMs).default(24 * hourMs),
  COWBOT_RESULT_DAYS: amount(0.1, 3650, dayMs).default(30 * dayMs),
  COWBOT_AUDIT_DAYS: amount(1, 36_500, dayMs).default(365 * dayMs),
  COWBOT_REVIEW_HOURS: amount(0.01, 8760, hourMs).default(72 * hourMs),
  COWBOT_ALLOW_UNCHECKED: z.enum(['yes', 'no']).default('no'),
  COWBOT_CONTACT: z.string().min(1).max(200).optional(),
});

export interface Config {
  /** Undefined: off. */
  readonly discord:
    | { readonly token: string; readonly apiUrl: string; readonly cdnOrigins: readonly string[] }
    | undefined;
  readonly telegram:
    | {
        readonly token: string;
        readonly apiUrl: string;
        /** The folder of a local Bot API server in its `--local` mode. */
        readonly localFilesDir: string | undefined;
        /** Undefined: long polling. */
        readonly webhook: { readonly url: string; readonly secret: string } | undefined;
      }
    | undefined;
  /** `platform:userId` of those who run the bot. */
  readonly operators: ReadonlySet<string>;
  /** Where the source is, for `about`. */
  readonly sourceUrl: string;
  /** A folder, or a name of the catalogue. */
  readonly model: string;
  readonly device: (typeof devices)[number];
  readonly logLevel: (typeof logLevels)[number];
  readonly dataDir: string;
  /** Undefined: SQLite in the data folder. */
  readonly databaseUrl: string | undefined;
  /** Undefined: results are not signed. */
  readonly signing: SigningFiles | undefined;
  /** 32 bytes; undefined: photos and pictures are stored as they are. */
  readonly blobKey: Uint8Array | undefined;
  /** Of the health endpoint; 0: any that is free. */
  readonly port: number;
  readonly host: string;
  /** Jobs of one person that may wait, pictures of one person that may be painted at once. */
  readonly maxWaitingPerPerson: number;
  readonly maxRunningPerPerson: number;
  /** After which half of what somebody used is forgotten. */
  readonly halfLifeMs: number;
  /** New jobs are refused with less room on the data folder's disk. */
  readonly minFreeBytes: number;
  /** New jobs are refused when the engine has been down for longer. */
  readonly engineDownMs: number;
  /** What running jobs get to end at a stop. */
  readonly drainMs: number;
  /** After which a result that its chat does not take is undeliverable. */
  readonly deliveryMs: number;
  /** How long a photo stays after the last job that needs it, a result after its job's end, an audit row. */
  readonly photoMs: number;
  readonly resultMs: number;
  readonly auditMs: number;
  /** How long a held picture waits for a moderator; then it is removed unseen. */
  readonly reviewMs: number;
  /** Whether communities may switch the checks off. */
  readonly mayBeUnchecked: boolean;
  /** A mail address or a link for people who are shown in a picture. */
  readonly contact: string | undefined;
}

/**
 * @param env the process's environment; an empty value reads as not set.
 * @throws Refusal `config` with one line for every mistake.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environment.safeParse(set);
  if (!parsed.success) {
    const mistakes = parsed.error.issues.map((issue) => `- ${issue.path.join('.')}: ${issue.message}`);
    throw new Refusal('config', ['The settings cannot be used:', ...mistakes].join('\n'));
  }
  const read = parsed.data;
  const { DISCORD_TOKEN, TELEGRAM_TOKEN } = read;
  return {
    discord:
      DISCORD_TOKEN === undefined
        ? undefined
        : { token: DISCORD_TOKEN, apiUrl: read.DISCORD_API_URL, cdnOrigins: read.DISCORD_CDN_ORIGINS },
    telegram:
      TELEGRAM_TOKEN === undefined
        ? undefined
        : {
            token: TELEGRAM_TOKEN,
            apiUrl: read.TELEGRAM_API_URL,
            localFilesDir: read.TELEGRAM_LOCAL_FILES,
            webhook: webhookOf(TELEGRAM_TOKEN, read),
          },
    operators: new Set(read.COWBOT_OPERATORS),
    sourceUrl: read.COWBOT_SOURCE_URL,
    model: read.COWBOT_MODEL,
    device: read.COWBOT_DEVICE,
    logLevel: read.LOG_LEVEL,
    dataDir: read.COWBOT_DATA,
    databaseUrl: read.DATABASE_URL,
    signing: signingOf(read.COWBOT_C2PA_CERT, read.COWBOT_C2PA_KEY),
    blobKey: read.COWBOT_BLOB_KEY,
    port: read.COWBOT_PORT,
    host: read.COWBOT_HOST,
    maxWaitingPerPerson: read.COWBOT_WAITING_PER_PERSON,
    maxRunningPerPerson: read.COWBOT_RUNNING_PER_PERSON,
    halfLifeMs: read.COWBOT_HALF_LIFE_HOURS,
    minFreeBytes: read.COWBOT_MIN_FREE_MIB,
    engineDownMs: read.COWBOT_ENGINE_DOWN_MINUTES,
    drainMs: read.COWBOT_DRAIN_SECONDS,
    deliveryMs: read.COWBOT_DELIVERY_HOURS,
    photoMs: read.COWBOT_PHOTO_HOURS,
    resultMs: read.COWBOT_RESULT_DAYS,
    auditMs: read.COWBOT_AUDIT_DAYS,
    reviewMs: read.COWBOT_REVIEW_HOURS,
    mayBeUnchecked: read.COWBOT_ALLOW_UNCHECKED === 'yes',
    contact: read.COWBOT_CONTACT,
  };
}

/** A secret of the token's: the same after a restart, and the token does not follow from it. */
function webhookOf(
  token: string,
  { TELEGRAM_WEBHOOK_URL: url, TELEGRAM_WEBHOOK_SECRET }: z.infer<typeof environment>,
): { readonly url: string; readonly secret: string } | undefined {
  if (url === undefined) return undefined;
  const secret = TELEGRAM_WEBHOOK_SECRET ?? createHmac('sha256', token).update(`webhook ${url}`).digest('base64url');
  return { url, secret };
}

/** @throws Refusal where one is set without the other. */
function signingOf(certificate: string | undefined, key: string | undefined): SigningFiles | undefined {
  if (certificate !== undefined && key !== undefined) return { certificate, key };
  if (certificate === undefined && key === undefined) return undefined;
  throw new Refusal('config', 'The settings cannot be used:\n- Set COWBOT_C2PA_CERT and COWBOT_C2PA_KEY, or neither.');
}
