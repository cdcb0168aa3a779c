/** From a photo with a kept part to a seed square on the canvas. Pure. */
import { Refusal } from '../errors.ts';
import type { Kept } from './keep.ts';
import type { Box, Size } from './picture.ts';
import type { Place } from './place.ts';

/** Everything in pixels; both sides of the canvas are multiples of `gridPx` and of `sizeGridPx`. */
export type Canvas = Size & {
  /** Usual side of a seed square (256 on a canvas of 512). */
  seedSizePx: number;
  /** Squares start on its multiples: what one latent cell covers (8). */
  gridPx: number;
  /** Sides of squares are its multiples: what the network's levels can halve (64 with four levels). */
  sizeGridPx: number;
};

export type SeedWish = { photo: Size; kept: Pick<Kept, 'kind' | 'box'>; place?: Place };

/**
 * `crop` is in pixels of the photo, of the same shape as `square`; it may be fractional and reach over the photo's edge.
 * `square` is in pixels of the canvas, inside it and on its grid. It is a square but for `whole`, where it is all the canvas.
 */
export type Placement = { crop: Box; square: { x: number; y: number } & Size };

/** On each side, of the longer side of the kept box: what surrounds an edge shows where it is. */
const margin = 0.06;

const maxSeeds = 2;

/**
 * One placement for each wish, in their order. Without a place one seed goes to the top, in the middle across, as in
 * the paper; two go to the top of the left and of the right half. A place in numbers is rounded to the grid. A `whole`
 * photo covers the canvas, wherever it is wished to be.
 *
 * @throws Refusal `place.too-many`, `place.nothing-kept`, `place.whole-and-more`, `place.size`, `place.outside`,
 * `place.overlap`
 */
export function placeSquares(wishes: readonly SeedWish[], canvas: Canvas): Placement[] {
  if (wishes.length > maxSeeds) {
    throw new Refusal('place.too-many', `At most ${maxSeeds} photos fit in one picture: leave out the others.`, {
      maxSeeds,
    });
  }
  if (wishes.length > 1 && wishes.some(({ kept }) => kept.kind === 'whole')) {
    throw new Refusal(
      'place.whole-and-more',
      'A photo that is kept whole fills the picture: keep only the face or the subject of each photo, or send one photo.',
    );
  }
  const squares = wishes.map((wish, at) => squareFor(wish, shareOf(at, wishes, canvas), canvas));
  if (squares.length === 2 && overlap(squares[0], squares[1])) {
    throw new Refusal(
      'place.overlap',
      'The two photos overlap: place one on the left and the other on the right, or make them smaller ("left 75%").',
    );
  }
  return wishes.map((wish, at) => ({ crop: cropFor(wish, squares[at]), square: squares[at] }));
}

type Square = Placement['square'];

/** The columns of the canvas that a seed without a place may use. */
type Share = { left: number; width: number };

/** Of two seeds, one half each; where the other one has a place, the half that it leaves free. */
function shareOf(at: number, wishes: readonly SeedWish[], canvas: Canvas): Share {
  if (wishes.length === 1) return { left: 0, width: canvas.width };
  const half = canvas.width / 2;
  const other = wishes[1 - at];
  if (other.place === undefined) return { left: at * half, width: half };
  const { x, width } = squareFor(other, { left: 0, width: half }, canvas);
  return { left: x + width / 2 < half ? half : 0, width: half };
}

function squareFor({ kept, place }: SeedWish, share: Share, canvas: Canvas): Square {
  const { width, height, gridPx } = canvas;
  if (kept.kind === 'whole') return { x: 0, y: 0, width, height };
  const usual = down(Math.min(canvas.seedSizePx, share.width, height), canvas.sizeGridPx);
  const side = sideFor(place, usual, canvas);
  if (place?.kind === 'at') return inside(place.x, place.y, side, canvas);
  // The paper's place is the default.
  const y = along(place?.row ?? 'top', height - side);
  const x = place === undefined ? share.left + (share.width - side) / 2 : along(place.column, width - side);
  return { x: down(x, gridPx), y: down(y, gridPx), width: side, height: side };
}

function along(name: Extract<Place, { kind: 'named' }>['row' | 'column'], room: number): number {
  switch (name) {
    case 'left':
    case 'top':
      return 0;
    case 'middle':
      return room / 2;
    case 'right':
    case 'bottom':
      return room;
  }
}

function sideFor(place: Place | undefined, usual: number, { width, height, sizeGridPx }: Canvas): number {
  const most = down(Math.min(width, height), sizeGridPx);
  const wished = place?.kind === 'at' ? place.size : undefined;
  const side = nearest((wished ?? usual) * (place?.scale ?? 1), sizeGridPx);
  if (wished !== undefined && (side < sizeGridPx || side > most)) {
    throw new Refusal(
      'place.size',
      `The size of a photo's place goes from ${sizeGridPx} to ${most} pixels in this picture: choose one of them, in steps of ${sizeGridPx}.`,
      { minPx: sizeGridPx, maxPx: most },
    );
  }
  return Math.max(sizeGridPx, Math.min(most, side));
}

function inside(wishedX: number, wishedY: number, side: number, { width, height, gridPx }: Canvas): Square {
  const [x, y] = [nearest(wishedX, gridPx), nearest(wishedY, gridPx)];
  if (x + side > width || y + side > height) {
    throw new Refusal(
      'place.outside',
      `At ${wishedX},${wishedY} a place of ${side} pixels reaches over the edge of the picture (${width} x ${height}): use at most ${width - side},${height - side}, or a smaller size.`,
      { x: wishedX, y: wishedY, side, maxX: width - side, maxY: height - side },
    );
  }
  return { x, y, width: side, height: side };
}

function cropFor({ photo, kept }: SeedWish, square: Square): Box {
  if (kept.kind === 'whole') return coverCrop(photo, square);
  const { box } = kept;
  if (box === undefined) {
    throw new Refusal('place.nothing-kept', 'Nothing of the photo is kept: keep its face, its subject or all of it.');
  }
  const side = Math.max(box.width, box.height) * (1 + 2 * margin);
  return {
    left: box.left + (box.width - side) / 2,
    top: box.top + (box.height - side) / 2,
    width: side,
    height: side,
  };
}

/** The largest part of the photo, in its middle, that has the shape of `target`. */
function coverCrop(photo: Size, target: Size): Box {
  const scale = Math.min(photo.width / target.width, photo.height / target.height);
  const [width, height] = [target.width * scale, target.height * scale];
  return { left: (photo.width - width) / 2, top: (photo.height - height) / 2, width, height };
}

function overlap(one: Square, other: Square): boolean {
  const across = one.x < other.x + other.width && other.x < one.x + one.width;
  return across && one.y < other.y + other.height && other.y < one.y + one.height;
}

function down(value: number, grid: number): number {
  return Math.floor(value / grid) * grid;
}

function nearest(value: number, grid: number): number {
  return Math.round(value / grid) * grid;
}
