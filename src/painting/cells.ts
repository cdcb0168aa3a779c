/** Kept regions in whole latent cells, the smallest thing that a model can keep. */
/**
 * A cell that is kept only in part is given up by the paper's reduction unless its top left pixel is kept, and what of it is
 * grey spoils the rest: an edge of half cells cost 3 to 12 dB of the region with calf. So each cell is kept whole or not
 * at all.
 *
 * @param keep soft mask, [height, width], 0..255; sides are multiples of `factor`.
 * @param share of a cell that has to be kept for all of it to be, 0..1; at 0 a single pixel is enough.
 * @returns [height, width], 0 or 255.
 */
export function alignToCells(
  keep: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  factor: number,
  share: number,
): Uint8Array {
  const columns = width / factor;
  const counts = new Uint32Array(columns * (height / factor));
  const cellOf = (pixel: number): number =>
    Math.floor(pixel / width / factor) * columns + Math.floor((pixel % width) / factor);
  for (let pixel = 0; pixel < keep.length; pixel += 1) if (keep[pixel] >= 128) counts[cellOf(pixel)] += 1;
  const least = Math.max(1, share * factor ** 2);
  return keep.map((_, pixel) => (counts[cellOf(pixel)] >= least ? 255 : 0));
}
