import { describe, expect, it } from 'vitest';
import { commandTable } from '../../../commands/table.ts';
import { startBot } from './bot.ts';

const allLocales = ['de', 'es-ES', 'es-419', 'zh-CN', 'zh-TW'];
const put = 'PUT /applications/:application/commands';

describe('registration', () => {
  it('names every command of the table, in every language, everywhere', async () => {
    const { discord } = await startBot();
    expect(discord.commands).toHaveLength(commandTable.length);
    const cow = discord.commands.find(({ name }) => name === 'cow');
    expect(cow).toMatchObject({ type: 1, contexts: [0, 1, 2], integration_types: [0, 1] });
    const options = cow?.type === 1 ? (cow.options ?? []) : [];
    expect(options.map(({ name }) => name)).toEqual([
      'prompt',
      'photo',
      'photo-2',
      'photo-3',
      'photo-4',
      'keep',
      'place',
      'balance',
      'count',
      'seed',
      'avoid',
    ]);
    expect(options[0]).toMatchObject({ required: true, autocomplete: true, max_length: 1000 });
    expect(discord.commands.find(({ type }) => type === 3)?.name).toBe('COW this photo');
    for (const command of discord.commands) {
      const localised = command.type === 1 ? command.description_localizations : command.name_localizations;
      const { name } = command;
      expect({ name, locales: Object.keys(localised ?? {}) }).toEqual({ name, locales: allLocales });
    }
    expect(discord.violations).toEqual([]);
  });

  it('is sent when something changed, and only then', async () => {
    const { discord, adapter } = await startBot();
    const last = await adapter.register(undefined);
    const before = discord.requestsOf(put).length;
    expect(await adapter.register(last)).toBe(last);
    expect(discord.requestsOf(put)).toHaveLength(before);
    expect(await adapter.register('of an older version')).toBe(last);
    expect(discord.requestsOf(put)).toHaveLength(before + 1);
  });

  it('is another one for another application', async () => {
    const [one, other] = [await startBot(), await startBot()];
    const last = await one.adapter.register(undefined);
    expect(await other.adapter.register(last)).not.toBe(last);
  });
});
