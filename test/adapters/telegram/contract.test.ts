import { Api } from 'grammy';
import sharp from 'sharp';
import { onTestFinished } from 'vitest';
import type { Address } from '../../../src/jobs/adapter.ts';
import { adapterContract, type Stage } from '../../contracts/adapter.ts';
import type { Chat, Message } from '../../fakes/telegram/index.ts';
import type { Person } from '../../fakes/telegram/index.ts';
import { openStand } from './bot.ts';
import { openWire, type Wire } from './wire.ts';

async function newStage(): Promise<Stage> {
  let wire: Wire | undefined;
  const { adapter, telegram } = await openStand({
    apiUrl: async ({ apiUrl }) => {
      wire = await openWire(apiUrl);
      return wire.origin;
    },
  });
  onTestFinished(() => wire?.close());
  const api = new Api(telegram.token, { apiRoot: telegram.apiUrl });
  const people = new Map<string, Person>();
  return {
    adapter,
    newPlaceholder: async (): Promise<Address> => {
      const person = telegram.user('Ada', { met: true });
      const chat = String(person.id);
      people.set(chat, person);
      return { chat, messageId: (await api.sendMessage(chat, '…')).message_id };
    },
    messages: async ({ chat }) => Promise.all(telegram.messages(chatOf(people, chat)).map(seen)),
    makeTrouble: async ({ chat }, trouble) => {
      if (trouble === 'gone') people.get(chat)?.blockBot();
      else if (trouble === 'stuck') wire?.setTrouble(chat, { kind: 'stuck' });
      else if (trouble === 'deaf') wire?.setTrouble(chat, { kind: 'deaf', times: 1 });
      else {
        const { busyTimes: times, retryAfterMs } = trouble;
        wire?.setTrouble(chat, { kind: 'busy', times, retryAfterS: retryAfterMs / 1000 });
      }
    },
  };
}

function chatOf(people: ReadonlyMap<string, Person>, chat: string): Chat {
  const person = people.get(chat);
  if (person === undefined) throw new Error(`Expected one of the chats, got ${chat}.`);
  return person.chat;
}

/** Results of one pixel are shown as a sheet: a gap of 8 around each. What takes the place of a picture is plain grey. */
async function seen(message: Message): Promise<{ text: string; pictures: number }> {
  const { text, bytes } = message;
  if (bytes === undefined) return { text, pictures: 0 };
  const { width } = await sharp(bytes).metadata();
  return { text, pictures: (width - 8) % 9 === 0 ? (width - 8) / 9 : 0 };
}

adapterContract(newStage);
