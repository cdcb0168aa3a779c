import { expect, test } from 'vitest';
import type { PostTarget } from '../../../commands/contract/outgoing.ts';
import { reply } from '../../../commands/contract/reply.ts';
import { type OutgoingStage, outgoingContract } from '../../contracts/outgoing.ts';
import type { Chat, Person } from '../../fakes/telegram/index.ts';
import { openStand } from './bot.ts';

const { signal } = new AbortController();

async function newStage(): Promise<OutgoingStage> {
  const { adapter, telegram } = await openStand();
  const groups = new Map<string, Chat>();
  const people = new Map<string, Person>();
  const chatOf = (target: PostTarget): Chat => {
    const found = target.kind === 'person' ? people.get(target.userId)?.chat : groups.get(target.channelId);
    if (found === undefined) throw new Error('There is no such chat.');
    return found;
  };
  return {
    outgoing: adapter,
    knowsKeys: false,
    newTarget: async (kind) => {
      const person = telegram.user('Ada', { met: true });
      if (kind === 'person') {
        people.set(String(person.id), person);
        return { kind, userId: String(person.id) };
      }
      const group = telegram.group('Cows', [person]);
      groups.set(String(group.id), group);
      return { kind, channelId: String(group.id) };
    },
    messages: async (target) =>
      telegram.messages(chatOf(target)).map(({ text, labels: buttons, content: { media } }) => ({
        text,
        buttons,
        pictures: media?.kind === 'photo' ? 1 : 0,
        files: media?.kind === 'document' ? 1 : 0,
      })),
    makeTrouble: async (target, trouble) => {
      const chat = chatOf(target);
      if (typeof trouble === 'object') {
        telegram.failNext('sendMessage', 1, { code: 429, retryAfterS: trouble.busyForMs / 1000 });
      } else if (trouble === 'gone') telegram.deleteChat(chat);
      else if (target.kind === 'person') people.get(target.userId)?.blockBot();
      else telegram.kickBot(chat, telegram.user('Bob'));
    },
  };
}

outgoingContract(newStage);

const word = reply({ kind: 'new', visibility: 'all', lines: [{ kind: 'plain', spans: ['A word'] }] });

test('posts in a topic of a forum, and edits it there', async () => {
  const { adapter, telegram } = await openStand();
  const forum = telegram.supergroup('Cows', [telegram.user('Ada')], { forum: true });
  const threadId = telegram.topic(forum, 'Moderators');
  const target = { kind: 'channel', channelId: String(forum.id), threadId: String(threadId) } as const;
  expect(await adapter.post(target, word, { key: 'k', signal })).toMatchObject({ kind: 'sent', receipt: { threadId } });
  expect(telegram.messages(forum)).toMatchObject([{ text: 'A word', threadId }]);
});

test('posts where a group has gone that became a supergroup', async () => {
  const { adapter, telegram } = await openStand();
  const ada = telegram.user('Ada');
  const group = telegram.group('Cows', [ada]);
  const successor = telegram.migrate(group, ada);
  const target = { kind: 'channel', channelId: String(group.id) } as const;
  const receipt = { chat: String(successor.id) };
  expect(await adapter.post(target, word, { key: 'k', signal })).toMatchObject({ kind: 'sent', receipt });
  expect(telegram.messages(successor)).toMatchObject([{ text: 'A word' }]);
});

test('takes no ids of other platforms', async () => {
  const { adapter } = await openStand();
  const target = { kind: 'channel', channelId: '#general' } as const;
  await expect(adapter.post(target, word, { key: 'k', signal })).rejects.toThrow(/Telegram chat/);
});

test('knows the addresses of messages in supergroups, and of no others', async () => {
  const { adapter } = await openStand();
  const message = { chat: '-1001234567890', messageId: 12 };
  expect(adapter.linkTo('-1001234567890', message)).toBe('https://t.me/c/1234567890/12');
  expect(adapter.linkTo('-1001234567890', undefined)).toBeUndefined();
  expect(adapter.linkTo('-42', { ...message, chat: '-42' })).toBeUndefined();
  expect(adapter.linkTo('42', { ...message, chat: '42' })).toBeUndefined();
});
