import type { NewJob } from '../../src/store/jobs.ts';
import { ensureCommunity } from '../../src/store/communities.ts';
import { ensurePerson } from '../../src/store/people.ts';
import type { Store } from '../../src/store/store.ts';

/** A person and a community of these names, and a job of theirs with every field set. */
export function newJob(id: string, fields: Partial<NewJob> = {}): NewJob {
  return {
    id,
    idempotencyKey: `request:${id}`,
    state: 'queued',
    communityId: 'farm',
    personId: 'anna',
    platform: 'test',
    address: { chat: '7', message: 11, nested: { list: [1, null, 'two'] } },
    prompt: `a knight in a snowy forest "with 'quotes' — 牛 🐄`,
    parameters: { steps: 20, sizePx: 512, balance: 0.4, keep: ['face'] },
    seed: 2 ** 52 + 1,
    model: 'calf',
    modelHash: 'c'.repeat(64),
    parentId: null,
    photoHash: null,
    count: 2,
    estimatedCost: 40.25,
    submittedAt: 1_767_225_600_000,
    ...fields,
  };
}

/** Makes the people and communities that jobs refer to. */
export async function settle(store: Store, people = ['anna', 'bert'], communities = ['farm', 'town']): Promise<void> {
  await store.transaction(async (tx) => {
    for (const id of people) {
      await ensurePerson(tx, { platform: 'test', platformUserId: `user-${id}`, newPersonId: id, at: 1 });
    }
    for (const id of communities) {
      await ensureCommunity(tx, { platform: 'test', platformChatId: `chat-${id}`, newCommunityId: id, at: 1 });
    }
  });
}
