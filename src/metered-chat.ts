import { type Chat, chatWith } from '../commands/contract/chat.ts';

/** The same chat; `onFirst` is told when the platform has taken the first thing that is said in it. */
export function meteredChat(chat: Chat, onFirst: () => void): Chat {
  let isAnswered = false;
  const said = <T>(answer: T): T => {
    if (!isAnswered) onFirst();
    isAnswered = true;
    return answer;
  };
  return chatWith(chat, {
    acknowledge: async (first) => said(await chat.acknowledge(first)),
    answer: async (reply) => said(await chat.answer(reply)),
    suggest: async (choices) => said(await chat.suggest(choices)),
  });
}
