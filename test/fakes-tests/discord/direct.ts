import { DiscordAPIError, REST, Routes } from 'discord.js';
import { FakeDiscord } from '../../fakes/discord/index.ts';
import type { FakeDiscordOptions, Interaction, Message } from '../../fakes/discord/index.ts';

/** Code of a refusal, with the codes of its fields for form errors. */
export interface Refused {
  status: number;
  code: number | string;
  fields: string[];
}

/** The real REST client on a fake, without a gateway: what a person does is answered by hand. */
export class Direct {
  readonly discord: FakeDiscord;
  readonly rest: REST;
  readonly me: string;

  private constructor(discord: FakeDiscord, rest: REST) {
    this.discord = discord;
    this.rest = rest;
    this.me = discord.botAccount.id;
  }

  static async open(options: FakeDiscordOptions = {}): Promise<Direct> {
    const discord = await FakeDiscord.open(options);
    const rest = new REST({ api: discord.apiUrl, retries: 1 }).setToken(discord.token);
    const direct = new Direct(discord, rest);
    await direct.register([
      { name: 'cow', description: 'Paint', integration_types: [0, 1] },
      { name: 'COW this photo', type: 3 },
    ]);
    return direct;
  }

  register(body: unknown): Promise<unknown> {
    return this.rest.put(Routes.applicationCommands(this.me), { body });
  }

  callback(interaction: Interaction, body: unknown): Promise<unknown> {
    return this.rest.post(Routes.interactionCallback(interaction.id, interaction.token), { body, auth: false });
  }

  editReply(
    interaction: Interaction,
    body: unknown,
    files: { name: string; data: Uint8Array }[] = [],
  ): Promise<unknown> {
    const route = Routes.webhookMessage(this.me, interaction.token, '@original');
    return this.rest.patch(route, {
      body,
      auth: false,
      files: files.map((file) => ({ ...file, data: Buffer.from(file.data) })),
    });
  }

  followUp(interaction: Interaction, body: unknown): Promise<unknown> {
    return this.rest.post(Routes.webhook(this.me, interaction.token), { body, auth: false });
  }

  send(body: unknown, channelId = this.discord.lobby.id): Promise<unknown> {
    return this.rest.post(Routes.channelMessages(channelId), { body });
  }

  edit(message: Message, body: unknown): Promise<unknown> {
    return this.rest.patch(Routes.channelMessage(message.channelId, message.id), { body });
  }

  /** A slash command of a new person, not answered yet. */
  asked(): Promise<Interaction> {
    return this.discord.user('Ada').slash('cow');
  }

  async deferred(): Promise<Interaction> {
    const interaction = await this.asked();
    await this.callback(interaction, { type: 5 });
    return interaction;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.discord.close();
  }
}

/** What `call` was refused with; an error if it was not. */
export async function refusal(call: Promise<unknown>): Promise<Refused> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof DiscordAPIError)) throw error;
    const raw = 'errors' in error.rawError ? error.rawError.errors : undefined;
    return {
      status: error.status,
      code: error.code,
      fields: [...JSON.stringify(raw ?? {}).matchAll(/"code":"(\w+)"/g)].map((match) => match[1] ?? ''),
    };
  }
  throw new Error('Expected a refusal, and it was accepted.');
}
