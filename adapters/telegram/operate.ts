/** What whoever runs the bot asks of Telegram, without taking updates: is all well, and the menus of commands. */
import { Api, GrammyError } from 'grammy';
import type { Language, Words } from '../../commands/languages/languages.ts';
import { Refusal } from '../../src/errors.ts';
import { clientSignal, remoteError } from './calls.ts';
import { changedMenus, register } from './register.ts';

export interface OperatorOptions {
  readonly token: string;
  /** As in TELEGRAM_API_URL. */
  readonly apiUrl: string;
  readonly wordsOf: (language: Language) => Words;
  readonly signal: AbortSignal;
}

export interface TelegramReport {
  readonly username: string;
  readonly link: string;
  /** With privacy mode on, which is enough, groups show the bot its commands and the answers to it only. */
  readonly hasPrivacyMode: boolean;
  readonly mayJoinGroups: boolean;
  /** The origin that updates are brought to; undefined: they are asked for. */
  readonly webhookOrigin: string | undefined;
  readonly waitingUpdates: number;
  /** Why updates could not be brought, in the service's words. */
  readonly webhookError: string | undefined;
  /** Menus of commands that are not as they should be; set at the start, or by `cowbot register`. */
  readonly oldMenus: readonly string[];
}

/** @throws Refusal `telegram.token`; RemoteError. */
export async function lookAtTelegram(options: OperatorOptions): Promise<TelegramReport> {
  return calling(options, async (api) => {
    const stop = clientSignal(options.signal);
    const me = await api.getMe(stop);
    const {
      url = '',
      pending_update_count: waitingUpdates,
      last_error_message: error,
    } = await api.getWebhookInfo(stop);
    return {
      username: me.username,
      link: `https://t.me/${me.username}`,
      hasPrivacyMode: !me.can_read_all_group_messages,
      mayJoinGroups: me.can_join_groups,
      webhookOrigin: url === '' ? undefined : (URL.parse(url)?.origin ?? url),
      waitingUpdates,
      webhookError: error,
      oldMenus: await changedMenus(api, options.wordsOf, options.signal),
    };
  });
}

/** @param isForced sets all, whatever is there. @returns which menus were set. @throws as `lookAtTelegram`. */
export async function registerAtTelegram(options: OperatorOptions, isForced: boolean): Promise<readonly string[]> {
  return calling(options, (api) => register(api, options.wordsOf, options.signal, isForced));
}

async function calling<T>({ token, apiUrl }: OperatorOptions, work: (api: Api) => Promise<T>): Promise<T> {
  try {
    return await work(new Api(token, { apiRoot: apiUrl.replace(/\/+$/, '') }));
  } catch (error) {
    // An unknown token is answered as a path that there is not.
    if (error instanceof GrammyError && (error.error_code === 401 || error.error_code === 404)) {
      throw new Refusal('telegram.token', 'Telegram does not accept `TELEGRAM_TOKEN`: ask @BotFather for it (/token).');
    }
    throw remoteError(error);
  }
}
