import { onTestFinished } from 'vitest';
import { argumentsFromText } from '../../../commands/arguments.ts';
import { commandByName } from '../../../commands/table.ts';
import { openHouse } from '../../contracts/chat-house.ts';
import { type WrongPerson, wrongPersonContract, type WrongPersonStage } from '../../contracts/chat-wrong-person.ts';
import { temporaryFolder } from '../../contracts/place.ts';
import { FakeDiscord, type Interaction, type Message, Permission } from '../../fakes/discord/index.ts';
import { photoFile } from '../../photo/samples.ts';
import { connected } from './connected.ts';

wrongPersonContract(async (): Promise<WrongPersonStage> => {
  const discord = await FakeDiscord.open();
  onTestFinished(() => discord.close());
  const handled = new Set<string>();
  const house = await openHouse(await temporaryFolder(), async (services) => [
    await connected(discord, services, { onHandled: async ({ requestId }) => void handled.add(requestId) }),
  ]);
  const lobby = discord.lobby;
  const square = discord.channel(discord.guild('Town'), 'square');
  onTestFinished(() => {
    const [violation] = discord.violations;
    if (violation !== undefined) throw new Error(`${violation.route}: ${violation.reason}`);
  });
  const people = new Map<string, WrongPerson>();
  return {
    platform: 'discord',
    house,
    here: lobby.guild?.id ?? '',
    elsewhere: square.guild?.id ?? '',
    person: async (name, where, rank = 'member') => {
      const known = people.get(name);
      if (known !== undefined) return known;
      const channel = where === 'here' ? lobby : square;
      const person = discord.user(name, { in: channel, bot: rank === 'bot' });
      if (rank === 'manager' && channel.guild !== undefined) {
        discord.role(channel.guild, 'Managers', Permission.manageGuild | Permission.manageMessages, person);
      }
      // Buttons are pressed on something: any message will do for somebody who makes the button up.
      const page = await person.say('a message');
      const said = async (interaction: Interaction): Promise<string | undefined> => {
        await discord.until(() => handled.has(interaction.id), 'the act to be handled');
        return interaction.shownModal?.title ?? plain(interaction.original);
      };
      const made: WrongPerson = {
        userId: person.id,
        ask: async (prompt) => said(await person.slash('cow', { prompt, photo: photoFile('astronaut.png') })),
        command: async (command, words) => {
          const entry = commandByName(command);
          return said(await person.slash(command, entry === undefined ? {} : argumentsFromText(entry, words)));
        },
        forge: async (pressId) => said(await person.forge(page, pressId)),
        fill: async (_opener, _openedBy, { form, id }) =>
          said(person.forgeModal(page, `v1:${form}:${id}`, { prompt: 'a pirate', note: 'a note' })),
      };
      people.set(name, made);
      return made;
    },
  };
});

/** Without the markdown that keeps words words. */
function plain(message: Message | undefined): string | undefined {
  return message?.text.replaceAll(/\\([^\w\s])/g, '$1');
}
