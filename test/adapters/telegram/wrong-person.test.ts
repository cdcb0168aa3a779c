import { Api } from 'grammy';
import { onTestFinished } from 'vitest';
import { openHouse } from '../../contracts/chat-house.ts';
import { type WrongPerson, wrongPersonContract, type WrongPersonStage } from '../../contracts/chat-wrong-person.ts';
import { temporaryFolder } from '../../contracts/place.ts';
import { FakeTelegram, type Message } from '../../fakes/telegram/index.ts';
import { photoFile } from '../../photo/samples.ts';
import { connected } from './connected.ts';

wrongPersonContract(async (): Promise<WrongPersonStage> => {
  const telegram = await FakeTelegram.open();
  onTestFinished(() => telegram.close());
  const handled = { count: 0 };
  const house = await openHouse(await temporaryFolder(), async (services) => [
    await connected(telegram, services, { onHandled: async () => void (handled.count += 1) }),
  ]);
  const somebody = telegram.user('the owner');
  const groups = { here: telegram.group('Farm', [somebody]), elsewhere: telegram.group('Town', [somebody]) };
  const api = new Api(telegram.token, { apiRoot: telegram.apiUrl });
  const people = new Map<string, WrongPerson>();
  return {
    platform: 'telegram',
    house,
    here: String(groups.here.id),
    elsewhere: String(groups.elsewhere.id),
    person: async (name, where, rank = 'member') => {
      const known = people.get(name);
      if (known !== undefined) return known;
      const chat = groups[where];
      const person = telegram.user(name, { met: true, bot: rank === 'bot' });
      const standing = rank === 'manager' ? 'administrator' : 'member';
      chat.members.set(person.id, standing);
      // Buttons are pressed on a message of the bot's: any will do for somebody who makes the button up.
      const { message_id: pageId } = await api.sendMessage(chat.id, 'a message');
      const page = messageOf(telegram.messages(chat).find(({ id }) => id === pageId));
      const saidAfter = async (act: () => Promise<() => string> | (() => string)): Promise<string | undefined> => {
        const [count, before] = [handled.count, telegram.messages(person.chat).length];
        const answer = await act();
        await telegram.until(() => handled.count > count, 'the act to be handled');
        const told = telegram.messages(person.chat)[before]?.text;
        return told ?? (answer() === '' ? undefined : answer());
      };
      const pressed = (data: string) => () => {
        const press = person.forge(page, data);
        return () => press.answer?.text ?? '';
      };
      const made: WrongPerson = {
        userId: String(person.id),
        ask: (prompt) =>
          saidAfter(() => {
            person.sendDocument(photoFile('astronaut.png'), 'photo.png', `/cow ${prompt}`, { chat });
            return () => '';
          }),
        command: (command, words) =>
          saidAfter(() => {
            person.say(`/${command.replaceAll('-', '_')} ${words}`, { chat });
            return () => '';
          }),
        forge: (pressId) => saidAfter(pressed(pressId)),
        // A form is a question here, which everybody in the group can answer.
        fill: async (opener, openedBy) => {
          await opener.forge(openedBy);
          const question = telegram
            .messages(groups.here)
            .findLast(({ content }) => content.markup.forceReply !== undefined);
          return saidAfter(() => {
            if (!groups.here.members.has(person.id)) groups.here.members.set(person.id, 'member');
            person.reply(messageOf(question), 'a pirate');
            return () => '';
          });
        },
      };
      people.set(name, made);
      return made;
    },
  };
});

function messageOf(message: Message | undefined): Message {
  if (message === undefined) throw new Error('Expected a message.');
  return message;
}
