import { TelegramAdapter } from '../../../adapters/telegram/index.ts';
import { handle } from '../../../commands/dispatch.ts';
import type { HandleAct } from '../../../commands/contract/chat.ts';
import type { Services } from '../../../commands/services.ts';
import { moveCommunity, moveMessage } from '../../../src/people/move-chat.ts';
import type { FakeTelegram } from '../../fakes/telegram/index.ts';

/** The adapter as a house has it, which hears what people do. @param onHandled told of every act that is done. */
export async function connected(
  telegram: FakeTelegram,
  services: Services,
  { downloadTimeoutMs = 20_000, onHandled }: { downloadTimeoutMs?: number; onHandled?: HandleAct } = {},
): Promise<TelegramAdapter> {
  const { store, wordsOf, clock, log } = services;
  const adapter = new TelegramAdapter({
    token: telegram.token,
    apiUrl: telegram.apiUrl,
    updates: { kind: 'polling' },
    wordsOf,
    chatMoved: async (platformChatId, to) => moveCommunity(store, { platform: 'telegram', platformChatId }, to),
    messageMoved: async (from, to) => moveMessage(store, from, to),
    downloadTimeoutMs,
    albumWaitMs: 60,
    drainMs: 2_000,
    clock,
    log,
  });
  await adapter.start(async (act, actor, scene, chat) => {
    await handle(act, actor, scene, chat, services);
    await onHandled?.(act, actor, scene, chat);
  });
  return adapter;
}
