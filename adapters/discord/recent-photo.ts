/** The photo that somebody sent just before they asked for a picture of it. */
import { RequestMethod, Routes } from 'discord.js';
import { z } from 'zod';
import type { PhotoHandle } from '../../commands/contract/act.ts';
import { type DownloadLimits, looksLikePicture, photoHandle } from './files.ts';
import type { Origin } from './responses.ts';
import { identified, type Wire } from './wire.ts';

const recentMs = 15 * 60_000;
/** The person waits for a first word, and Discord does so for 3 s. */
const timeoutMs = 1500;
const messagesSeen = 50;

const listed = z.array(
  z.object({
    timestamp: z.iso.datetime({ offset: true }),
    author: identified,
    attachments: z.array(
      z.object({ url: z.string(), size: z.int(), filename: z.string(), content_type: z.string().optional() }),
    ),
  }),
);

/** The newest in the channel that is by the asker; undefined where there is none, or the bot may not look. */
export async function recentPhoto(
  { isReachable, channelId, userId, createdAt }: Origin,
  { wire, downloads }: { readonly wire: Wire; readonly downloads: DownloadLimits },
  signal: AbortSignal,
): Promise<PhotoHandle | undefined> {
  if (!isReachable) return undefined;
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const query = new URLSearchParams({ limit: String(messagesSeen) });
  try {
    const answer = await wire.call(RequestMethod.Get, Routes.channelMessages(channelId), { query }, deadline);
    const file = listed
      .parse(answer)
      .filter(({ author, timestamp }) => author.id === userId && createdAt - Date.parse(timestamp) <= recentMs)
      .flatMap(({ attachments }) => attachments)
      .find(({ filename, content_type: contentType }) =>
        looksLikePicture({ name: filename, contentType: contentType ?? null }),
      );
    return file === undefined ? undefined : photoHandle({ url: file.url, bytes: file.size }, downloads);
  } catch {
    // Not allowed to look, or too slow: then the person is asked for a photo.
    signal.throwIfAborted();
    return undefined;
  }
}
