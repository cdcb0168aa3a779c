/** The picture with the photo's own pixels where the photo was kept: the autoencoder's small losses undone. */
import sharp, { type Sharp } from 'sharp';
import type { Picture } from './picture.ts';
import type { SeedSquare } from './seed-square.ts';

/** A seed square with its place on the picture, in pixels. */
export type PlacedSquare = SeedSquare & { x: number; y: number };

/** Sigma of the feather, in pixels; about three times as far from the edge the pixels are exactly the photo's. */
const featherPx = 2;

/** Pastes each square's kept pixels over the picture; the blend at their edge lies inside the kept part. */
export async function keptPixels(picture: Picture, seeds: readonly PlacedSquare[]): Promise<Picture> {
  const rgb = Uint8Array.from(picture.rgb);
  for (const seed of seeds) {
    const share = await feathered(picture, seed);
    for (let row = 0; row < seed.height; row += 1) {
      for (let column = 0; column < seed.width; column += 1) {
        const from = row * seed.width + column;
        const to = (seed.y + row) * picture.width + seed.x + column;
        for (let channel = 0; channel < 3; channel += 1) {
          const painted = rgb[to * 3 + channel];
          rgb[to * 3 + channel] = painted + Math.round((seed.rgb[from * 3 + channel] - painted) * share[from]);
        }
      }
    }
  }
  return { width: picture.width, height: picture.height, rgb };
}

/** [height, width] of the seed: 0 where nothing is kept and at the edge, rising inwards to 1. */
async function feathered(picture: Picture, seed: PlacedSquare): Promise<Float32Array> {
  const reach = featherPx * 4;
  // Beyond the square nothing is kept, unless the picture ends there: no seam to hide, so the kept part goes on.
  const edges = {
    top: seed.y === 0,
    left: seed.x === 0,
    bottom: seed.y + seed.height === picture.height,
    right: seed.x + seed.width === picture.width,
  };
  const all = { top: reach, left: reach, bottom: reach, right: reach };
  const bits = seed.keep.map((value) => (value >= 128 ? 255 : 0));
  const raw = { width: seed.width, height: seed.height, channels: 1 } as const;
  const copied = await grey(sharp(bits, { raw }).extend({ ...only(all, edges, true), extendWith: 'copy' }));
  const closed = await grey(
    sharp(copied.data, { raw: copied.raw }).extend({ ...only(all, edges, false), background: 'black' }),
  );
  const soft = await grey(sharp(closed.data, { raw: closed.raw }).blur(featherPx));
  const cut = await grey(
    sharp(soft.data, { raw: soft.raw }).extract({ left: reach, top: reach, width: seed.width, height: seed.height }),
  );
  return Float32Array.from(cut.data, (value, at) => (bits[at] === 0 ? 0 : Math.max(0, (value / 255) * 2 - 1)));
}

type Sides = { top: number; left: number; bottom: number; right: number };

function only(sides: Sides, edges: Record<keyof Sides, boolean>, wanted: boolean): Sides {
  const side = (name: keyof Sides): number => (edges[name] === wanted ? sides[name] : 0);
  return { top: side('top'), left: side('left'), bottom: side('bottom'), right: side('right') };
}

async function grey(pipeline: Sharp): Promise<{ data: Buffer; raw: { width: number; height: number; channels: 1 } }> {
  const { data, info } = await pipeline.toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
  return { data, raw: { width: info.width, height: info.height, channels: 1 } };
}
