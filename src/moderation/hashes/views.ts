/** The parts of a picture that a copy of it may consist of: all of it, without its border, without 5 % at its edges. */
import sharp from 'sharp';

/** In pixels of the square, fractional; `right` and `bottom` lie outside. */
export type View = { left: number; top: number; right: number; bottom: number };

/** Every picture is stretched to this square first, so that neither size nor proportions matter. */
export const squareSidePx = 256;

/** `rgb`: 256 * 256 * 3 bytes. */
export type Square = { readonly rgb: Uint8Array };

/** How far a colour channel may stray from the border's colour: what JPEG does to a plain area. */
const borderTolerance = 14;
/** More than this off one side is no border but a picture with a plain background. */
const maxBorderShare = 0.3;
/** What is cut off a side. */
const cropShare = 0.05;

export async function toSquare(rgb: Uint8Array, width: number, height: number): Promise<Square> {
  const square = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .resize(squareSidePx, squareSidePx, { fit: 'fill' })
    .raw()
    .toBuffer();
  return { rgb: new Uint8Array(square) };
}

export const wholeView: View = { left: 0, top: 0, right: squareSidePx, bottom: squareSidePx };

/** `view` without 5 % at one side, both or none, along both axes: 16 views, `view` itself first. */
export function croppedViews({ left, top, right, bottom }: View): View[] {
  const x = (right - left) * cropShare;
  const y = (bottom - top) * cropShare;
  const shares = [
    [0, 0],
    [1, 1],
    [1, 0],
    [0, 1],
  ] as const;
  return shares.flatMap(([atLeft, atRight]) =>
    shares.map(([atTop, atBottom]) => ({
      left: left + atLeft * x,
      right: right - atRight * x,
      top: top + atTop * y,
      bottom: bottom - atBottom * y,
    })),
  );
}

/** The view inside a border of one colour a side; `undefined` where there is no border. */
export function viewInsideBorder(square: Square): View | undefined {
  const most = Math.floor(squareSidePx * maxBorderShare);
  const plain = (lineAt: (depth: number) => Line): number => countPlainLines(square, most, lineAt);
  const last = squareSidePx - 1;
  const top = plain((depth) => ({ start: depth * squareSidePx, step: 1 }));
  const bottom = plain((depth) => ({ start: (last - depth) * squareSidePx, step: 1 }));
  const left = plain((depth) => ({ start: depth, step: squareSidePx }));
  const right = plain((depth) => ({ start: last - depth, step: squareSidePx }));
  // A line may be blurred by the stretching: half of it belongs to the border.
  const inset = (lines: number): number => (lines === 0 ? 0 : lines + 0.5);
  if (top + bottom + left + right === 0) return undefined;
  return {
    left: inset(left),
    top: inset(top),
    right: squareSidePx - inset(right),
    bottom: squareSidePx - inset(bottom),
  };
}

/** In pixels. */
type Line = { start: number; step: number };

function countPlainLines({ rgb }: Square, most: number, lineAt: (depth: number) => Line): number {
  const edge = lineAt(0);
  const colour = [0, 1, 2].map((channel) => rgb[(edge.start + edge.step * (squareSidePx >> 1)) * 3 + channel] ?? 0);
  for (let depth = 0; depth <= most; depth += 1) {
    const { start, step } = lineAt(depth);
    for (let place = 0; place < squareSidePx; place += 1) {
      const pixel = (start + step * place) * 3;
      for (let channel = 0; channel < 3; channel += 1) {
        if (Math.abs((rgb[pixel + channel] ?? 0) - (colour[channel] ?? 0)) > borderTolerance) return depth;
      }
    }
  }
  return 0;
}
