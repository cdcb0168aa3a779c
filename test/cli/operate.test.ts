/** What whoever runs the bot asks of the platforms, by the real clients against the fakes. */
import { expect, it, onTestFinished } from 'vitest';
import { opened, temporaryFolder } from '../contracts/place.ts';
import { FakeDiscord } from '../fakes/discord/index.ts';
import { FakeTelegram } from '../fakes/telegram/index.ts';
import { cowbot, type Said } from './cowbot.ts';

/** Both platforms, and a data folder that a bot was started on before. */
async function surroundings() {
  const [discord, telegram, dataDir] = await Promise.all([FakeDiscord.open(), FakeTelegram.open(), temporaryFolder()]);
  onTestFinished(async () => {
    await Promise.all([discord.close(), telegram.close()]);
  });
  await (await opened({ dataDir })).close();
  const env = {
    COWBOT_DATA: dataDir,
    COWBOT_DEVICE: 'cpu',
    DISCORD_TOKEN: discord.token,
    DISCORD_API_URL: discord.apiUrl,
    TELEGRAM_TOKEN: telegram.token,
    TELEGRAM_API_URL: telegram.apiUrl,
  };
  return { discord, telegram, env };
}

const objects = ({ stdout }: Said): unknown[] =>
  stdout
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));

it('registers the commands on both platforms where they have changed, or when it has to', async () => {
  const { discord, telegram, env } = await surroundings();
  const first = await cowbot(['register', '--json'], env);
  expect(first).toMatchObject({ status: 0, stderr: '' });
  expect(objects(first)).toEqual([
    { platform: 'discord', added: expect.arrayContaining(['cow', 'COW this photo']), updated: [], removed: [] },
    { platform: 'telegram', added: [], updated: expect.arrayContaining(['all_group_chats de']), removed: [] },
  ]);
  const second = await cowbot(['register'], env);
  expect(second.stdout).toBe('discord: nothing has changed\ntelegram: nothing has changed\n');
  const forced = await cowbot(['register', '--force', '--json'], env);
  expect(objects(forced)).toMatchObject([{ updated: expect.arrayContaining(['cow']) }, { updated: expect.anything() }]);
  expect([...discord.violations, ...telegram.violations]).toEqual([]);
});

it('says what is well with the platforms and what is missing, and how to invite the bot', async () => {
  const { discord, telegram, env } = await surroundings();
  discord.guild('Barn').botPermissions &= ~(1n << 15n);
  const { stdout, status } = await cowbot(['doctor'], env);
  expect(status).toBe(0);
  expect(stdout).toMatch(
    /https:\/\/discord\.com\/oauth2\/authorize\?client_id=\d+&scope=bot\+applications\.commands&permissions=\d+/,
  );
  expect(stdout).toContain('in Barn it lacks Attach Files: without it pictures cannot be shown.');
  expect(stdout).toContain('privacy mode is on');
  expect(stdout).toContain('menus of commands are old');
  expect(stdout).toMatch(/data {8}SQLite/);
  await cowbot(['register'], env);
  const report = objects(await cowbot(['doctor', '--json'], env))[0];
  expect(report).toMatchObject({
    data: { database: 'SQLite', freeBytes: expect.any(Number) },
    discord: { guilds: expect.arrayContaining([expect.objectContaining({ name: 'Barn' })]) },
    telegram: { hasPrivacyMode: true, oldMenus: [], waitingUpdates: 0 },
  });
  expect([...discord.violations, ...telegram.violations]).toEqual([]);
});

it('says in a sentence that a token is not accepted, and never says the token', async () => {
  const { env } = await surroundings();
  const wrong = { ...env, DISCORD_TOKEN: 'a.wrong.token', TELEGRAM_TOKEN: '12345:wrong' };
  const said = await cowbot(['doctor'], wrong);
  expect(said.stdout).toContain('Discord does not accept `DISCORD_TOKEN`');
  expect(said.stdout).toContain('Telegram does not accept `TELEGRAM_TOKEN`');
  expect(said.stdout + said.stderr).not.toMatch(/a\.wrong\.token|12345:wrong/);
  expect(await cowbot(['register'], wrong)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('DISCORD_TOKEN'),
  });
  expect(await cowbot(['register'], { COWBOT_DATA: env.COWBOT_DATA })).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('there is nobody to tell'),
  });
});
