import type { PostTarget } from '../../commands/contract/outgoing.ts';
import { type OutgoingStage, outgoingContract } from '../contracts/outgoing.ts';
import { PlainChat } from './plain-chat.ts';

outgoingContract(async (): Promise<OutgoingStage> => {
  const chat = new PlainChat();
  const roomOf = async (target: PostTarget) =>
    target.kind === 'person' ? chat.seenBy(target.userId) : chat.seenIn(target.channelId);
  return {
    outgoing: chat.outgoing(),
    knowsKeys: true,
    newTarget: async (kind) => (kind === 'person' ? { kind, userId: 'anna' } : { kind, channelId: 'barn' }),
    messages: async (target) =>
      (await roomOf(target)).map(({ text, buttons, pictures, files }) => ({
        text,
        buttons,
        pictures: pictures.length,
        files: files.length,
      })),
    // There is nothing here to be gone that is not closed as well.
    makeTrouble: async (target, trouble) => chat.makeTrouble(target, trouble === 'gone' ? 'closed' : trouble),
  };
});
