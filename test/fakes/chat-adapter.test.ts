import { onTestFinished } from 'vitest';
import type { Address } from '../../src/jobs/adapter.ts';
import { adapterContract, type Stage } from '../contracts/adapter.ts';
import { ChatAdapter, ChatClient } from './chat-adapter.ts';
import { type ChatMode, startChat } from './chat.ts';

async function newStage(): Promise<Stage> {
  const { origin, close } = await startChat();
  const adapter = new ChatAdapter(origin);
  onTestFinished(async () => {
    await adapter.close();
    await close();
  });
  const people = new ChatClient(origin);
  let chats = 0;
  return {
    adapter,
    newPlaceholder: async (): Promise<Address> => {
      const chat = `c${++chats}`;
      return { chat, message: (await people.post(chat, `nonce-${chat}`, '…')).id };
    },
    messages: async ({ chat }) =>
      (await people.messages(chat)).map(({ shown }) => ({ text: shown.text, pictures: shown.pictures?.length ?? 0 })),
    makeTrouble: ({ chat }, trouble) => people.setMode(chat, modeOf(trouble)),
  };
}

function modeOf(trouble: Parameters<Stage['makeTrouble']>[1]): ChatMode {
  if (typeof trouble === 'object')
    return { kind: 'busy', times: trouble.busyTimes, retryAfterMs: trouble.retryAfterMs };
  switch (trouble) {
    case 'gone':
      return { kind: 'gone' };
    case 'stuck':
      return { kind: 'stuck', times: 1e9 };
    case 'deaf':
      return { kind: 'deaf', times: 1 };
  }
}

adapterContract(newStage);
