/** What whoever runs the bot makes hold everywhere. */
import { expect, it } from 'vitest';
import { communityByChat } from '../../src/store/communities.ts';
import { auditPage } from '../../src/store/audit.ts';
import { plainPerson, plainStage } from './plain-person.ts';

const patient = { timeout: 5_000, interval: 20 };

it('is said to the person, and stands in the trail of the community that it came from', async () => {
  const stage = await plainStage({ operators: new Set(['plain:olga']) });
  const { store } = stage.house().services;
  const [anna, bert, olga] = ['anna', 'bert', 'olga'].map((name) => plainPerson(stage.chat, name));
  if (anna === undefined || bert === undefined || olga === undefined) throw new Error('Nobody is there.');
  await anna.ask('a knight');
  await expect.poll(() => stage.messages(), patient).toMatchObject([{ pictures: [{}] }]);
  const [picture] = await stage.messages();
  if (picture === undefined) throw new Error('There is no picture.');
  await bert.press(picture, 'Report');
  const [reasons] = await bert.heard();
  if (reasons !== undefined) await bert.press(reasons, 'Hateful');
  for (const button of ['Ban', 'Everywhere']) {
    const card = async () => (await olga.heard()).find(({ buttons }) => buttons.includes(button));
    await expect.poll(card, patient).toBeDefined();
    const shown = await card();
    if (shown !== undefined) await olga.press(shown, button);
  }
  const everywhere = expect.stringMatching(/banned by a moderator.*\n.*holds everywhere/);
  await expect.poll(() => anna.texts(), patient).toEqual([expect.not.stringContaining('everywhere'), everywhere]);
  const community = await communityByChat(store.db, { platform: 'plain', platformChatId: 'farm' });
  const [widened, banned] = await auditPage(store.db, { community, action: 'sanction' }, { limit: 9 });
  expect([widened?.action, banned?.action]).toEqual(['sanction.widened', 'sanction.ban']);
});
