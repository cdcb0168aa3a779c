/** Acts whose first word comes later than Discord waits for it. */
import { describe, expect, it } from 'vitest';
import type { Chat } from '../../../commands/contract/chat.ts';
import { type Reply, reply } from '../../../commands/contract/reply.ts';
import { type Bot, startBot } from './bot.ts';

const says = (text: string, more: Partial<Reply> = {}): Reply =>
  reply({ kind: 'new', visibility: 'asker', lines: [{ kind: 'plain', spans: [text] }], ...more });
const button = [[{ label: 'Again', pressId: 'v1:again:j1', style: 'secondary' as const }]];
const form = { form: 'remix', id: 'j1', title: 'Remix', fields: [] };

/** A bot whose answers wait until Discord has its deferral, and would come too late without it. */
async function slowBot(answer: (chat: Chat) => Promise<unknown>): Promise<Bot & { readonly troubles: unknown[] }> {
  const troubles: unknown[] = [];
  const bot: Bot = await startBot({
    adapter: { deferAfterMs: 100 },
    onAct: async (act, _actor, _scene, chat) => {
      if (act.kind === 'command' && act.name === 'help') {
        await chat.answer(says('Look', { visibility: 'all', rows: button }));
        return;
      }
      await bot.discord.until(
        () => bot.discord.requestsOf('POST /interactions/:id/:token/callback').some(isDeferral),
        'the deferral',
      );
      bot.clock.advance(4000);
      await answer(chat).catch((error: unknown) => troubles.push(error));
    },
  });
  return { ...bot, troubles };
}

function isDeferral({ body }: { readonly body: unknown }): boolean {
  return typeof body === 'object' && body !== null && 'type' in body && (body.type === 5 || body.type === 6);
}

describe('a command that takes its time', () => {
  it('is answered in the reply that was deferred, and only its asker sees it', async () => {
    const bot = await slowBot((chat) => chat.answer(says('Here')));
    const asked = await bot.discord.user('Ada').slash('privacy');
    const message = await asked.message();
    await bot.discord.until(() => message.text === 'Here', 'the answer');
    expect([message.ephemeral, message.loading]).toEqual([true, false]);
    expect(bot.discord.violations).toEqual([]);
  });

  it('shows all what is for all, and nothing waits beside it', async () => {
    const bot = await slowBot((chat) => chat.acknowledge(says('Got it', { visibility: 'all' })));
    await bot.discord.user('Ada').slash('cow', { prompt: 'x' });
    const shown = () => bot.discord.messages(bot.discord.lobby).map(({ text, ephemeral }) => [text, ephemeral]);
    await bot.discord.until(() => JSON.stringify(shown()) === '[["Got it",false]]', 'the placeholder');
    expect(bot.discord.violations).toEqual([]);
  });

  it('leaves nothing behind where nothing is said', async () => {
    const bot = await slowBot(async () => {});
    await bot.discord.user('Ada').slash('privacy');
    const gone = (): boolean =>
      bot.discord.requestsOf('DELETE /webhooks/:application/:token/messages/:message').length > 0;
    await bot.discord.until(gone, 'the end');
    expect(bot.discord.messages(bot.discord.lobby)).toEqual([]);
  });
});

describe('a press that takes its time', () => {
  it('changes the message with the button, then says more', async () => {
    const bot = await slowBot(async (chat) => {
      await chat.answer(says('Taken', { kind: 'edit-pressed', visibility: 'all' }));
      await chat.answer(says('More'));
    });
    const ada = bot.discord.user('Ada');
    const message = await (await ada.slash('help')).message();
    await ada.press(message, 'Again');
    const texts = () => bot.discord.messages(bot.discord.lobby).map(({ text }) => text);
    await bot.discord.until(() => texts().join() === 'Taken,More', 'both answers');
    expect(bot.discord.violations).toEqual([]);
  });

  it('is asked for once more where it was to open a form', async () => {
    const bot = await slowBot((chat) => chat.answer(says('', { lines: [], form })));
    const ada = bot.discord.user('Ada');
    await ada.press(await (await ada.slash('help')).message(), 'Again');
    await bot.discord.until(() => bot.troubles.length > 0, 'the refusal');
    expect(bot.troubles).toMatchObject([{ code: 'discord.slow' }]);
  });
});
