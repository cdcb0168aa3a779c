/** People on a fake platform who ask for pictures, and how long each of them waits for the first word. */
import { openLanguages } from '../../commands/languages/languages.ts';
import { FakeDiscord, type Interaction } from '../../test/fakes/discord/index.ts';
import { FakeTelegram, type Person as TelegramPerson } from '../../test/fakes/telegram/index.ts';

/** @property photo the bytes of what everybody sends. @property slowMs what its download takes. */
export interface CrowdOptions {
  readonly people: number;
  readonly photo: Uint8Array;
  readonly slowMs: number;
}

export interface Crowd {
  readonly platform: 'discord' | 'telegram';
  /** What makes a bot that is one of theirs. */
  readonly env: Readonly<Record<string, string>>;
  /** Asks as the person of this number, whose download is slow or not. */
  ask(person: number, isSlow: boolean): Promise<void>;
  /** Milliseconds from each slow question to its acknowledgement; refusals are none, and who waits still is undefined. */
  waits(): readonly (number | undefined)[];
  close(): Promise<void>;
}

/** As many as talk in one server. */
const peoplePerGuild = 20;
const prompt = 'a knight in a snowy forest';
/** What each of the first asks for, so that the engine has something to do. */
const warmUpPictures = 4;
/** Of Discord's callbacks: a message at once. */
const messageCallback = 4;

export async function discordCrowd({ people, photo, slowMs }: CrowdOptions): Promise<Crowd> {
  const discord = await FakeDiscord.open();
  const channels = Array.from({ length: Math.ceil(people / peoplePerGuild) }, (_, number) =>
    discord.channel(discord.guild(`Guild ${number}`)),
  );
  const persons = Array.from({ length: people }, (_, number) =>
    discord.user(`Person ${number}`, { in: channels[number % channels.length] }),
  );
  const asked: Interaction[] = [];
  return {
    platform: 'discord',
    env: {
      DISCORD_TOKEN: discord.token,
      DISCORD_API_URL: discord.apiUrl,
      DISCORD_CDN_ORIGINS: discord.cdn.origin,
    },
    async ask(person, isSlow) {
      const file = { bytes: photo, name: 'photo.jpg', contentType: 'image/jpeg' };
      const upload = isSlow ? { ...file, misbehaviour: { delayMs: slowMs } } : file;
      const count = isSlow ? 1 : warmUpPictures;
      const interaction = await persons[person].slash('cow', { prompt, photo: upload, count });
      if (isSlow) asked.push(interaction);
    },
    waits: () =>
      asked.map(({ acknowledgement, original }) =>
        acknowledgement?.type === messageCallback && original?.ephemeral === false
          ? acknowledgement.afterMs
          : undefined,
      ),
    close: () => discord.close(),
  };
}

export async function telegramCrowd({ people, photo, slowMs }: CrowdOptions): Promise<Crowd> {
  // Everybody in a private chat of their own, for one of these takes about a message a second
  // (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this).
  const telegram = await FakeTelegram.open();
  const persons: TelegramPerson[] = Array.from({ length: people }, (_, number) => telegram.user(`Person ${number}`));
  const accepted = openLanguages()('en').say('progress.accepted');
  const asked: { readonly chat: string; readonly atMs: number; readonly isSlow: boolean }[] = [];
  return {
    platform: 'telegram',
    env: { TELEGRAM_TOKEN: telegram.token, TELEGRAM_API_URL: telegram.apiUrl },
    async ask(person, isSlow) {
      asked.push({ chat: String(persons[person].id), atMs: telegram.clock.now(), isSlow });
      const caption = isSlow ? prompt : `/cow ${prompt} --count ${warmUpPictures}`;
      const message = persons[person].sendDocument(photo, 'photo.jpg', caption);
      if (isSlow) telegram.misbehave(message, { delayMs: slowMs });
    },
    waits() {
      const placed = new Map<string, number[]>();
      for (const { body, status, atMs } of telegram.requestsOf('sendMessage')) {
        const { chat_id: chat, text } = Object(body) as { readonly chat_id?: unknown; readonly text?: unknown };
        if (status !== 200 || text !== accepted) continue;
        placed.set(String(chat), [...(placed.get(String(chat)) ?? []), atMs]);
      }
      // Those of one chat are answered in their order.
      return asked.flatMap(({ chat, atMs, isSlow }) => {
        const placedMs = placed.get(chat)?.shift();
        return isSlow ? [placedMs === undefined ? undefined : placedMs - atMs] : [];
      });
    },
    close: () => telegram.close(),
  };
}
