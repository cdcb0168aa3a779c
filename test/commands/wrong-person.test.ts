import { photoFile } from '../photo/samples.ts';
import { type WrongPerson, wrongPersonContract, type WrongPersonStage } from '../contracts/chat-wrong-person.ts';
import { plainPerson, plainStage } from './plain-person.ts';

wrongPersonContract(async (): Promise<WrongPersonStage> => {
  const { chat, house } = await plainStage();
  return {
    platform: 'plain',
    house: house(),
    here: 'farm',
    elsewhere: 'town',
    person: async (name, where, rank = 'member'): Promise<WrongPerson> => {
      const place = where === 'here' ? {} : { communityId: 'town', channelId: 'square' };
      const rights = rank === 'manager' ? { mayManage: true, mayModerate: true } : {};
      const person = plainPerson(chat, name, { actor: { isBot: rank === 'bot' }, scene: { ...place, ...rights } });
      const said = async (act: () => Promise<void>): Promise<string | undefined> => {
        const before = (await person.texts()).length;
        await act();
        return (await person.texts())[before];
      };
      const message = { id: 'any', text: '', buttons: [], pictures: [], files: [] };
      return {
        userId: name,
        ask: (prompt) => said(() => person.run('cow', { prompt }, [chat.photo(photoFile('astronaut.png'))])),
        command: (command, words) => said(() => person.command(command, words)),
        forge: (pressId) => said(() => person.forge(message, pressId)),
        fill: (_opener, _openedBy, form) => said(() => person.submit(form)),
      };
    },
  };
});
