import { Routes } from 'discord.js';
import { expect, test } from 'vitest';
import { Direct, refusal } from './direct.ts';

const option = (name: string, more: object = {}): object => ({ type: 3, name, description: 'd', ...more });
const slash = (more: object): object => ({ name: 'cow', description: 'Paint', ...more });
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

test.for<[string, object[]]>([
  ['capital letters in the name', [slash({ name: 'Cow' })]],
  ['a space in the name', [slash({ name: 'my cow' })]],
  ['33 characters in the name', [slash({ name: 'x'.repeat(33) })]],
  ['no description', [{ name: 'cow' }]],
  ['101 characters of description', [slash({ description: 'x'.repeat(101) })]],
  ['a description on a menu', [{ name: 'COW this', type: 3, description: 'x' }]],
  ['26 options', [slash({ options: times(26, (index) => option(`o${index}`)) })]],
  ['two options of one name', [slash({ options: [option('a'), option('a')] })]],
  ['required after optional', [slash({ options: [option('a'), option('b', { required: true })] })]],
  [
    '26 choices',
    [slash({ options: [option('a', { choices: times(26, (index) => ({ name: `${index}`, value: 'v' })) })] })],
  ],
  [
    'autocomplete with choices',
    [slash({ options: [option('a', { autocomplete: true, choices: [{ name: 'x', value: 'y' }] })] })],
  ],
  ['an unknown language', [slash({ description_localizations: { klingon: 'x' } })]],
  ['capital letters in a localised name', [slash({ name_localizations: { de: 'Kuh' } })]],
  ['an unknown option type', [slash({ options: [{ type: 12, name: 'a', description: 'd' }] })]],
  ['subcommands beside options', [slash({ options: [option('a'), { type: 1, name: 'b', description: 'd' }] })]],
  ['an unknown context', [slash({ contexts: [3] })]],
  ['permissions that are no number', [slash({ default_member_permissions: 'admin' })]],
  ['two commands of one name', [slash({}), slash({})]],
  ['101 slash commands', times(101, (index) => slash({ name: `c${index}` }))],
  ['16 message commands', times(16, (index) => ({ name: `Menu ${index}`, type: 3 }))],
  [
    '8,001 characters in all',
    [
      slash({
        options: times(4, (o) =>
          option(`o${o}`, { choices: times(25, (c) => ({ name: `${c}`.padEnd(50, 'x'), value: 'y'.repeat(50) })) }),
        ),
      }),
    ],
  ],
])('commands with %s are refused, and the old ones stay', async ([, commands]) => {
  await using direct = await Direct.open();
  expect(await refusal(direct.register(commands))).toMatchObject({ status: 400, code: 50_035 });
  expect(direct.discord.commands.map((command) => command.name)).toEqual(['cow', 'COW this photo']);
});

test('a command keeps its id when it is registered again, and guild commands stand beside global ones', async () => {
  await using direct = await Direct.open();
  const [before] = direct.discord.commands;
  await direct.register([slash({ options: [option('prompt', { required: true })] })]);
  expect(direct.discord.commands.map((command) => command.id)).toEqual([before?.id]);
  const route = Routes.applicationGuildCommands(direct.me, direct.discord.lobby.guild?.id ?? '');
  await direct.rest.put(route, { body: [slash({ name: 'local' })] });
  expect(direct.discord.commands).toHaveLength(2);
  expect(await refusal(direct.rest.put(route, { body: [slash({ contexts: [0] })] }))).toMatchObject({ code: 50_035 });
});

test('people can only send what the registration offers them', async () => {
  await using direct = await Direct.open();
  await direct.register([
    slash({ options: [option('prompt', { required: true, max_length: 5 })], contexts: [0] }),
    slash({
      name: 'settings',
      default_member_permissions: '32',
      options: [{ type: 1, name: 'show', description: 'd' }],
    }),
  ]);
  const ada = direct.discord.user('Ada');
  await expect(ada.slash('cow')).rejects.toThrow('a value for prompt');
  await expect(ada.slash('cow', { prompt: 'longer' })).rejects.toThrow('0 to 5 characters');
  await expect(ada.slash('cow', { prompt: 'x', photo: new Uint8Array() })).rejects.toThrow('no option photo');
  await expect(ada.slash('cow', { prompt: 'x' }, ada.dm)).rejects.toThrow('offered no command cow');
  await expect(ada.slash('settings show')).rejects.toThrow('offered no command settings');
  direct.discord.lobby.guild?.permissions.set(ada.id, 32n);
  expect((await ada.slash('settings show')).kind).toBe('command');
});
