import { Client, GatewayIntentBits } from 'discord.js';
import type { ClientOptions } from 'discord.js';
import { FakeDiscord } from '../../fakes/discord/index.ts';
import type { FakeDiscordOptions } from '../../fakes/discord/index.ts';

/** A fake and a real client that has logged in to it; both closed by `await using`. */
export interface Pair extends AsyncDisposable {
  discord: FakeDiscord;
  client: Client<true>;
  /** What the client complained about. */
  errors: Error[];
}

export async function loggedIn(
  options: FakeDiscordOptions = {},
  clientOptions: Partial<ClientOptions> = {},
): Promise<Pair> {
  const discord = await FakeDiscord.open(options);
  const client = new Client({
    intents: [GatewayIntentBits.Guilds],
    allowedMentions: { parse: [] },
    rest: { api: discord.apiUrl, retries: 1 },
    ...clientOptions,
  });
  const errors: Error[] = [];
  client.on('error', (error) => errors.push(error));
  const ready = new Promise<Client<true>>((resolve) => client.once('clientReady', resolve));
  await client.login(discord.token);
  return {
    discord,
    client: await ready,
    errors,
    async [Symbol.asyncDispose]() {
      await client.destroy();
      await discord.close();
    },
  };
}
