import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { commandTable } from '../../../commands/table.ts';
import { reply } from '../../../commands/contract/reply.ts';
import type { TelegramAdapter } from '../../../adapters/telegram/index.ts';
import { openStand, startStand } from './bot.ts';

const typed = commandTable.filter(({ surface }) => surface === 'typed').map(({ name }) => name.replaceAll('-', '_'));

test('the menus of commands are set by scope and language, and once', async () => {
  const stand = await startStand();
  const { telegram } = stand;
  await telegram.until(() => telegram.menu('all_chat_administrators zh').length > 0, 'the menus');
  const names = (key: string): string[] => telegram.menu(key).map(({ command }) => command);
  for (const scope of ['all_private_chats', 'all_group_chats', 'all_chat_administrators']) {
    const menus = ['', ' de', ' es', ' zh'].map((language) => telegram.menu(scope + language));
    for (const menu of menus) expect(typed).toEqual(expect.arrayContaining(menu.map(({ command }) => command)));
    expect(new Set(menus.map((menu) => JSON.stringify(menu))).size).toBe(4);
  }
  expect(names('all_chat_administrators')).toEqual(typed);
  expect(names('all_private_chats')).toContain('cow');
  expect(telegram.requestsOf('setMyCommands')).toHaveLength(12);
  await stand.adapter.close();

  const other = await openStand({ apiUrl: async () => telegram.apiUrl });
  await other.adapter.start(other.listen);
  await telegram.until(() => telegram.requestsOf('getMyCommands').length === 24, 'another look at the menus');
  expect(telegram.requestsOf('setMyCommands')).toHaveLength(12);
  expect(telegram.violations).toEqual([]);
});

test('a token that is not valid stops the start, and is not said', async () => {
  const { adapter, listen, log } = await openStand({ adapter: { token: '1:wrong' } });
  await expect(adapter.start(listen)).rejects.toMatchObject({ name: 'RemoteError', status: 401 });
  expect(log()).not.toContain('1:wrong');
});

/** The web server of a bot, at the address that it gave for its webhook. */
async function served(): Promise<{ url: string; serve: (adapter: TelegramAdapter) => void }> {
  let adapter: TelegramAdapter | undefined;
  const server = createServer((incoming, outgoing) => {
    const answer = async (): Promise<void> => {
      const parts: Buffer[] = [];
      for await (const part of incoming) parts.push(Buffer.from(part));
      const headers = {
        'x-telegram-bot-api-secret-token': String(incoming.headers['x-telegram-bot-api-secret-token']),
      };
      const request = new Request('http://bot/', { method: 'POST', headers, body: Buffer.concat(parts) });
      const response = await adapter?.webhook(request);
      outgoing.writeHead(response?.status ?? 503).end();
    };
    void answer();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Expected a port.');
  return { url: `http://127.0.0.1:${address.port}/telegram`, serve: (taking) => (adapter = taking) };
}

test('updates come by webhook with its secret, and the answer does not wait for what they lead to', async () => {
  const { url, serve } = await served();
  const answering = Promise.withResolvers<void>();
  const stand = await openStand({
    adapter: { updates: { kind: 'webhook', url, secret: 'hush-hush' } },
    handle: async (_act, _actor, _scene, chat) => {
      await answering.promise;
      await chat.answer(reply({ kind: 'new', visibility: 'all', lines: [{ kind: 'plain', spans: ['hello'] }] }));
    },
  });
  serve(stand.adapter);
  await stand.adapter.start(stand.listen);
  const [ada, bea] = [stand.telegram.user('Ada'), stand.telegram.user('Bea')];
  ada.say('hi');
  bea.say('hi');
  await stand.telegram.until(() => stand.telegram.waitingUpdates === 0 && stand.heard.length === 2, 'the webhook');
  answering.resolve();
  await stand.telegram.answer(ada.chat);
  expect(stand.telegram.requestsOf('getUpdates')).toEqual([]);
  expect(stand.telegram.violations).toEqual([]);
});

test('what comes to the webhook without the secret, or is no update, has no effect', async () => {
  const { url } = await served();
  const update = { update_id: 1, message: { message_id: 1, date: 1, chat: { id: 1, type: 'private' }, text: 'hi' } };
  const stand = await openStand({ adapter: { updates: { kind: 'webhook', url, secret: 'hush-hush' } } });
  const post = async (body: string, secret?: string): Promise<number> => {
    const headers = secret === undefined ? {} : { 'x-telegram-bot-api-secret-token': secret };
    return (await stand.adapter.webhook(new Request(url, { method: 'POST', headers, body }))).status;
  };
  expect(await post(JSON.stringify(update), 'hush-hush')).toBe(503);
  await stand.adapter.start(stand.listen);
  for (const secret of [undefined, '', 'hush', 'hush-hush2'])
    expect(await post(JSON.stringify(update), secret)).toBe(401);
  for (const body of ['', '{', '[]', '{"update_id":"x"}']) expect(await post(body, 'hush-hush')).toBe(400);
  expect(stand.heard).toEqual([]);
});

test('a stop lets what is under way end', async () => {
  const answering = Promise.withResolvers<void>();
  const stand = await startStand({
    handle: async (_act, _actor, _scene, chat) => {
      await answering.promise;
      await chat.answer(reply({ kind: 'new', visibility: 'all', lines: [{ kind: 'plain', spans: ['done'] }] }));
    },
  });
  const ada = stand.telegram.user('Ada');
  ada.say('hi');
  await stand.next();
  const closed = stand.adapter.close();
  answering.resolve();
  await closed;
  expect(stand.telegram.messages(ada.chat).map(({ text }) => text)).toEqual(['hi', 'done']);
});

test('updates come again after the service could not be reached', async () => {
  const stand = await startStand();
  const ada = stand.telegram.user('Ada');
  await stand.telegram.until(() => stand.telegram.requestsOf('getUpdates').length > 0, 'the first poll');
  stand.telegram.failNext('getUpdates', 1, 'hang-up');
  ada.say('one');
  await stand.next();
  await stand.telegram.until(() => stand.telegram.requestsOf('getUpdates').length > 1, 'the poll that is cut off');
  ada.say('two');
  await stand.next();
  expect(stand.heard.map(({ act }) => act)).toMatchObject([{ text: 'one' }, { text: 'two' }]);
});

test('a second bot with the same token is said in the log and to whoever watches, and is outlived', async () => {
  const stand = await startStand();
  await stand.telegram.until(() => stand.telegram.requestsOf('getUpdates').length > 0, 'the first poll');
  const other = await openStand({ apiUrl: async () => stand.telegram.apiUrl });
  await other.adapter.start(other.listen);
  await stand.telegram.until(() => stand.adapter.connection.kind === 'lost', 'the conflict');
  const sentence = expect.stringContaining('Another program takes the updates');
  expect(stand.adapter.connection).toEqual({ kind: 'lost', sentence });
  expect(stand.log()).toContain('Another program takes the updates');
  expect(other.adapter.connection).toEqual({ kind: 'up' });
  await other.adapter.close();
  stand.telegram.user('Ada').say('/start');
  expect((await stand.next()).act).toMatchObject({ kind: 'command', name: 'start' });
  expect(stand.adapter.connection).toEqual({ kind: 'up' });
  expect(stand.log()).not.toContain(stand.telegram.token.split(':')[1]);
});

test('polling that fails for a while is down, and up again', async () => {
  const stand = await startStand();
  const { adapter, telegram } = stand;
  expect(adapter.connection).toEqual({ kind: 'up' });
  telegram.failNext('getUpdates', 1, { code: 502 });
  telegram.user('Ada').say('hi');
  await telegram.until(() => adapter.connection.kind === 'down', 'the failure');
  await telegram.until(() => adapter.connection.kind === 'up', 'the next poll');
});

test("nobody's next words wait for the photos of their last", async () => {
  const downloading = Promise.withResolvers<void>();
  const stand = await openStand({
    handle: async (act, _actor, _scene, chat) => {
      const placeholder = reply({ kind: 'new', visibility: 'all', lines: [{ kind: 'plain', spans: ['Got it!'] }] });
      await chat.acknowledge(placeholder);
      if ('text' in act && act.text === 'first') await downloading.promise;
      await chat.answer({ ...placeholder, kind: 'edit-placeholder', lines: [{ kind: 'plain', spans: ['done'] }] });
    },
  });
  await stand.adapter.start(stand.listen);
  const { telegram } = stand;
  const ada = telegram.user('Ada');
  ada.say('first');
  ada.say('second');
  const told = () => telegram.messages(ada.chat).map(({ text }) => text);
  await telegram.until(() => told().includes('done'), 'the second answer');
  expect(told()).toEqual(['first', 'second', 'Got it!', 'done']);
  downloading.resolve();
  await telegram.until(() => !told().includes('Got it!'), 'the first answer');
});
