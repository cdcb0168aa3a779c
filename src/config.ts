/** Settings from the environment: typed, with defaults, and every mistake listed at once. */
import { z } from 'zod';

import { devices } from './engine/runtime.ts';
import { Refusal } from './errors.ts';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const environment = z.object({
  COWBOT_MODEL: z.string().min(1).default('calf'),
  COWBOT_DEVICE: z.enum(devices).default('auto'),
  LOG_LEVEL: z.enum(logLevels).default('info'),
});

export interface Config {
  /** A folder, or a name of the catalogue. */
  readonly model: string;
  readonly device: (typeof devices)[number];
  readonly logLevel: (typeof logLevels)[number];
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
  const { COWBOT_MODEL: model, COWBOT_DEVICE: device, LOG_LEVEL: logLevel } = parsed.data;
  return { model, device, logLevel };
}
