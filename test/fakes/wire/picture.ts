import sharp from 'sharp';

/** What a header says about a picture; `undefined` for bytes that are none. */
export async function pictureSize(
  bytes: Uint8Array,
): Promise<{ width: number; height: number; format: string } | undefined> {
  try {
    const { width, height, format } = await sharp(bytes, { limitInputPixels: false }).metadata();
    return { width, height, format };
  } catch {
    return undefined;
  }
}
