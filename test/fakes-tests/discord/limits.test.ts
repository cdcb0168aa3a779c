import { Client, GatewayIntentBits, REST, Routes } from 'discord.js';
import { expect, test } from 'vitest';
import { FakeDiscord } from '../../fakes/discord/index.ts';
import { StillClock } from '../../fakes/wire/clock.ts';
import { loggedIn } from './bot.ts';
import { Direct } from './direct.ts';

test('the real client waits out a 429 of a route and comes back', async () => {
  const route = 'POST /channels/:channel/messages';
  await using direct = await Direct.open({ limits: { routes: [{ route, limit: 2, windowMs: 200 }] } });
  await Promise.all(['a', 'b', 'c'].map((content) => direct.send({ content })));
  expect(direct.discord.messages(direct.discord.lobby)).toHaveLength(3);
  direct.discord.failNext(route, 1, { status: 429, retryAfterMs: 50 });
  await direct.send({ content: 'd' });
  expect(direct.discord.requestsOf(route).map((request) => request.status)).toContain(429);
  expect(direct.discord.violations).toEqual([]);
});

test('the global limit answers 429, and interaction endpoints are outside it', async () => {
  await using direct = await Direct.open({ limits: { globalPerSecond: 3 }, clock: new StillClock() });
  const response = async (): Promise<Response> =>
    fetch(`${direct.discord.apiUrl}/v10/users/@me`, { headers: { authorization: `Bot ${direct.discord.token}` } });
  const answers = [await response(), await response(), await response()];
  const last = answers.at(-1);
  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 429]);
  expect(last?.headers.get('x-ratelimit-global')).toBe('true');
  expect(await last?.json()).toMatchObject({
    global: true,
    retry_after: expect.any(Number),
    message: 'You are being rate limited.',
  });
  await direct.callback(await direct.asked(), { type: 5 });
  const answered = direct.discord.requestsOf('POST /interactions/:id/:token/callback');
  expect(answered.map((request) => request.status)).toEqual([204]);
});

test('server errors pass to the caller with their status', async () => {
  await using direct = await Direct.open();
  direct.discord.failNext('GET /users/:user', 2, { status: 503, message: 'upstream' });
  await expect(direct.rest.get(Routes.user(direct.me))).rejects.toMatchObject({ status: 503 });
  await direct.rest.get(Routes.user(direct.me));
  expect(direct.discord.violations).toEqual([]);
});

test('login fails with a wrong token and with intents that are not granted', async () => {
  const discord = await FakeDiscord.open();
  const client = (intents: GatewayIntentBits[]): Client => new Client({ intents, rest: { api: discord.apiUrl } });
  const stranger = client([]);
  await expect(stranger.login('wrong.token.here')).rejects.toThrow('An invalid token was provided.');
  const curious = client([GatewayIntentBits.GuildMessages, GatewayIntentBits.MessageContent]);
  await expect(curious.login(discord.token)).rejects.toThrow('disallowed intents');
  expect(discord.violations.map((one) => one.reason)).toContain('4014 Disallowed intents');
  await Promise.all([stranger.destroy(), curious.destroy()]);
  await discord.close();
});

test('messages reach a client that asked for them, without what people wrote', async () => {
  await using pair = await loggedIn({}, { intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages] });
  const { discord, client } = pair;
  const heard: string[] = [];
  client.on('messageCreate', (message) => void heard.push(`${message.author.displayName}:${message.content}`));
  const ada = discord.user('Ada');
  await ada.say('private thoughts');
  await ada.say(`hello <@${client.user.id}>`);
  await discord.until(() => heard.length === 2, 'two messages');
  expect(heard).toEqual(['Ada:', `Ada:hello <@${client.user.id}>`]);
});

test('a server-side reconnect is followed by a resume', async () => {
  await using pair = await loggedIn();
  pair.discord.dropGateway('reconnect');
  await pair.discord.until(() => pair.discord.gateway.seen.resume === 1 && pair.discord.gateway.connected, 'a resume');
  expect(pair.discord.gateway.seen.identify).toBe(1);
});

test('the client keeps the connection alive', async () => {
  await using pair = await loggedIn({ heartbeatMs: 100 });
  await pair.discord.until(() => pair.discord.gateway.seen.heartbeat >= 2, 'heartbeats');
  expect(pair.discord.gateway.seen).toMatchObject({ identify: 1, resume: 0 });
});

test('a route that does not exist is a violation', async () => {
  await using direct = await Direct.open();
  const rest = new REST({ api: direct.discord.apiUrl }).setToken(direct.discord.token);
  await expect(rest.get('/cows')).rejects.toMatchObject({ status: 404 });
  expect(direct.discord.violations).toHaveLength(1);
});
