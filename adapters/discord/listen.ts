/** What people do in Discord, as acts: interactions as they come, what one person writes in its order. */
import { type Client, Events, type Interaction, type Message } from 'discord.js';
import type { HandleAct } from '../../commands/contract/chat.ts';
import type { Language, Words } from '../../commands/languages/languages.ts';
import { commandTable } from '../../commands/table.ts';
import { Turns } from '../../src/jobs/turns.ts';
import type { UnderWay } from '../../src/jobs/under-way.ts';
import { type ChatParts, InteractionChat } from './chat.ts';
import { DirectChat, written } from './direct.ts';
import { type Received, received } from './receive.ts';
import { namesByRegistration } from './register.ts';

/** @property underWay hears of every act that is being done. */
export interface ListenOptions {
  readonly handle: HandleAct;
  readonly parts: ChatParts;
  readonly wordsOf: (language: Language) => Words;
  readonly underWay: UnderWay;
  readonly onFailed: (error: unknown) => void;
}

export function listen(client: Client, { handle, parts, wordsOf, underWay, onFailed }: ListenOptions): void {
  const { downloads } = parts;
  const nameOf = namesByRegistration(commandTable, wordsOf);
  const turns = new Turns();
  client.on(Events.InteractionCreate, (interaction: Interaction) => {
    const it = received(interaction, { downloads, nameOf });
    if (it === undefined) return;
    const chat = new InteractionChat(it.origin, parts);
    underWay.add(doAct(handle, it, chat).catch(onFailed));
  });
  client.on(Events.MessageCreate, (message: Message) => {
    const it = written(message, downloads);
    if (it === undefined) return;
    const chat = new DirectChat(it, parts);
    // A photo, then the words for it; nobody's next words wait for what becomes of the photos of the last.
    const turn = turns.take(it.actor.userId, async () => {
      const done = handle(it.act, it.actor, it.scene, chat).catch(onFailed);
      underWay.add(done);
      await Promise.race([done, chat.acknowledged]);
    });
    underWay.add(turn);
  });
}

async function doAct(handle: HandleAct, { act, actor, scene }: Received, chat: InteractionChat): Promise<void> {
  try {
    await handle(act, actor, scene, chat);
  } finally {
    await chat.settle();
  }
}

export function stopListening(client: Client): void {
  client.removeAllListeners(Events.InteractionCreate);
  client.removeAllListeners(Events.MessageCreate);
}
