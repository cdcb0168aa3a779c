import { describe, expect, it } from 'vitest';
import { renderMessage } from '../../../adapters/discord/render.ts';
import { type Line, reply } from '../../../commands/contract/reply.ts';
import { acknowledged, doneWith, patient, startBot } from './bot.ts';

async function textOf(...lines: readonly Line[]): Promise<string> {
  const { components } = await renderMessage(reply({ kind: 'new', visibility: 'all', lines }), 1000);
  return components.flatMap((part) => ('content' in part ? [part.content] : [])).join('|');
}

const plain = (text: string): Line => ({ kind: 'plain', spans: [text] });
const quote = (text: string): Line => ({ kind: 'quote', spans: [text] });

describe('words', () => {
  it.each([
    ['*bold* _it_ ~~no~~ `x` ||y||', String.raw`\*bold\* \_it\_ \~\~no\~\~ \`x\` \|\|y\|\|`],
    ['# head\n- item\n> quote\n12. twelve', '\\# head\n\\- item\n\\> quote\n12\\. twelve'],
    ['[a](https://b.example)', String.raw`\[a\](https:\/\/b.example)`],
    ['<@1> <#2> <:x:3> <t:4> @everyone', String.raw`\<\@1\> \<\#2\> \<:x:3\> \<t:4\> \@everyone`],
    ['back\\slash', String.raw`back\\slash`],
    ['a\u202eb\u2066c\u0000d\te', 'abcde'],
    ['👩\u200d🚀 well-known', '👩\u200d🚀 well-known'],
  ])('stay words: %j', async (text, expected) => {
    expect(await textOf(plain(text))).toBe(expected);
  });

  it('keep their looks where they have some', async () => {
    const spans = [{ kind: 'strong', text: 'a*b' } as const, ' ', { kind: 'code', text: '`x`' } as const];
    expect(await textOf({ kind: 'heading', spans })).toBe('### **a\\*b** `ˋxˋ`');
    expect(await textOf({ kind: 'small', spans: ['a\nb'] })).toBe('-# a\n-# b');
    const link = { kind: 'link', url: 'https://a.example/b_c' } as const;
    expect(await textOf({ kind: 'plain', spans: ['Source: ', link] })).toBe('Source: <https://a.example/b_c>');
  });

  it('shorten what was quoted before what the bot says', async () => {
    const text = await textOf(plain('asked for:'), quote('*'.repeat(5000)), plain('Done.'));
    expect(text.length).toBeLessThanOrEqual(4000);
    expect(text).toMatch(/^asked for:\n> (\\\*){1900,}…\nDone\.$/);
    const two = await textOf(quote('👍'.repeat(3000)), quote('\n'.repeat(5000)));
    expect(two.length).toBeLessThanOrEqual(4000);
    expect(two.isWellFormed()).toBe(true);
    expect((await textOf(plain('👍'.repeat(3000)))).isWellFormed()).toBe(true);
  });

  it('are never none', async () => {
    expect(await textOf()).toBe('…');
  });
});

describe('prompts', () => {
  it.each([
    ['mentions', '@everyone @here <@1> <@&2> <#3>'],
    ['markdown', '# a\n```js\nx\n``` **b** ||c|| [d](https://e.example)'],
    ['right to left', 'שלום \u202eevil\u2066 مرحبا'],
    ['zero width', 'a\u200b\u200c\u200d\ufeffb'],
    ['emoji only', '😀'.repeat(2000)],
    ['4,000 characters', '_'.repeat(4000)],
    ['line breaks', '\n'.repeat(4000)],
  ])('of %s are shown, ping nobody and break nothing', async (_what, prompt) => {
    const bot = await startBot();
    const { address, interaction } = await acknowledged(bot);
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    );
    const picture = { number: 0, seed: 1, widthPx: 1, heightPx: 1, png: async () => png };
    expect(await bot.adapter.deliver(address, doneWith([picture], prompt), patient)).toMatchObject({ kind: 'sent' });
    const message = await interaction.message();
    expect(message.pictures).toHaveLength(1);
    expect(message.labels).toContain('Remix');
    expect(message.pings).toEqual([]);
    for (const { body } of bot.discord.requestsOf('PATCH /webhooks/:application/:token/messages/:message')) {
      expect(body).toMatchObject({ allowed_mentions: { parse: [] } });
    }
    expect(bot.discord.violations).toEqual([]);
  });
});
