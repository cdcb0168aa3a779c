import { expect, it } from 'vitest';
import { moveCommunity } from '../../src/people/move-chat.ts';
import { communitySettingsOf } from '../../src/people/settings.ts';
import { plainPerson, plainStage } from '../commands/plain-person.ts';

it('takes the moderators’ topic along where it is in the chat that moves', async () => {
  const stage = await plainStage();
  const { store } = stage.house().services;
  const scene = { communityId: '-5', channelId: '-5', threadId: '45', mayManage: true };
  const mona = plainPerson(stage.chat, 'mona', { scene });
  await mona.run('settings', { scope: 'here', name: 'moderators', value: 'here' });
  const { id } = await store.db.selectFrom('communities').select('id').executeTakeFirstOrThrow();
  const before = await communitySettingsOf(store, id);
  expect(before.moderators).toBe('-5/45');
  await moveCommunity(store, { platform: 'plain', platformChatId: '-5' }, '-1005');
  expect(await communitySettingsOf(store, id)).toEqual({ ...before, moderators: '-1005/45' });
});
