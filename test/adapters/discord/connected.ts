import { DiscordAdapter } from '../../../adapters/discord/index.ts';
import { handle } from '../../../commands/dispatch.ts';
import type { HandleAct } from '../../../commands/contract/chat.ts';
import type { Services } from '../../../commands/services.ts';
import type { FakeDiscord } from '../../fakes/discord/index.ts';

/** The adapter as a house has it, which hears what people do. @param onHandled told of every act that is done. */
export async function connected(
  discord: FakeDiscord,
  services: Services,
  { downloadTimeoutMs = 10_000, onHandled }: { downloadTimeoutMs?: number; onHandled?: HandleAct } = {},
): Promise<DiscordAdapter> {
  const { wordsOf, clock, log } = services;
  const adapter = new DiscordAdapter({
    token: discord.token,
    apiUrl: discord.apiUrl,
    cdnOrigins: [discord.cdn.origin],
    downloadTimeoutMs,
    wordsOf,
    expectedWaitMs: () => 0,
    drainMs: 2_000,
    clock,
    log,
  });
  await adapter.register(undefined);
  await adapter.start(async (act, actor, scene, chat) => {
    await handle(act, actor, scene, chat, services);
    await onHandled?.(act, actor, scene, chat);
  });
  return adapter;
}
