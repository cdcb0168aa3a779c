/** From a face's landmarks to the whole head: hair above, chin below. */
import type { Face, Point } from './faces.ts';
import { fillOutline } from './maps.ts';
import { readPatch } from './patch.ts';
import type { Box, Picture } from './picture.ts';
import { refineRegion } from './refine.ts';
import { type Region, smoothed } from './region.ts';

/** In lengths from the eye line to the chin; the eyes sit half-way up a bald head. */
type HeadShape = {
  /** From the eye line to the top. */
  crown: number;
  /** Half the width at the temples, over that of the jaw line's ends, which lie before the ears. */
  sides: number;
  /** How far the jaw line is pushed outwards at the chin (at the temples it is `sides`), and downwards. */
  besideJaw: number;
  belowChin: number;
};

/** Surely head, whatever the hair. */
const core: HeadShape = { crown: 0.95, sides: 0.95, besideJaw: 0.85, belowChin: 0.97 };
/** A head with short hair. */
const usual: HeadShape = { crown: 1.28, sides: 1.2, besideJaw: 1.08, belowChin: 1.08 };
/** The furthest that hair is looked for; below the chin is the neck, which is not kept. */
const widest: HeadShape = { crown: 1.85, sides: 1.9, besideJaw: 1.15, belowChin: 1.08 };

/** Log-odds of the zones that the shapes bound, from the core outwards. */
const odds = { core: 10, usual: 1.4, widest: -0.7, beyond: -10 };

/** Longest side of the patch in which the edge is looked for. */
const patchSidePx = 144;

/** The head of one face: where its landmarks say, up to where its colours end. */
export async function headRegion(photo: Picture, face: Face): Promise<Region> {
  const patch = await readPatch(photo, around(headOutline(face, widest), 0.06), patchSidePx);
  const zone = (shape: HeadShape): Uint8Array => fillOutline(patch.size, headOutline(face, shape).map(patch.toPatch));
  const [inCore, inUsual, inWidest] = [zone(core), zone(usual), zone(widest)];
  const guess = Float32Array.from(inCore, (isCore, at) => {
    if (isCore === 1) return odds.core;
    if (inUsual[at] === 1) return odds.usual;
    return inWidest[at] === 1 ? odds.widest : odds.beyond;
  });
  const chin = patch.toPatch(face.landmarks[8]).y;
  // Clothes below the chin would make dark hair above it look like background.
  const isOutside = (pixel: number): boolean => pixel < chin * patch.size.width;
  const inside = await refineRegion(patch.size, patch.lab, guess, { isOutside });
  return { box: patch.box, size: patch.size, keep: await smoothed(patch.size, inside) };
}

/** A closed outline in pixels of the photo; follows the head's tilt. */
function headOutline({ landmarks }: Face, shape: HeadShape): Point[] {
  const eyes = mean(landmarks.slice(36, 48));
  const temples = mean([landmarks[0], landmarks[16]]);
  const chin = landmarks[8];
  const length = Math.hypot(chin.x - eyes.x, chin.y - eyes.y);
  const down = { x: (chin.x - eyes.x) / length, y: (chin.y - eyes.y) / length };
  const across = { x: down.y, y: -down.x };
  const toFace = ({ x, y }: Point): Point => {
    const from = { x: x - temples.x, y: y - temples.y };
    return { x: from.x * across.x + from.y * across.y, y: from.x * down.x + from.y * down.y };
  };
  const toPhoto = ({ x, y }: Point): Point => ({
    x: temples.x + x * across.x + y * down.x,
    y: temples.y + x * across.y + y * down.y,
  });
  const jaw = landmarks.slice(0, 17).map(toFace);
  const crown = shape.crown * length - toFace(eyes).y;
  return [...lowerHalf(jaw, shape), ...upperHalf(jaw, shape, crown)].map(toPhoto);
}

/** From the side of point 0 along the jaw to that of point 16. */
function lowerHalf(jaw: Point[], { sides, besideJaw, belowChin }: HeadShape): Point[] {
  const chin = jaw[8].y;
  return jaw
    .filter(({ y }) => y > 0)
    .map(({ x, y }) => ({ x: x * (sides + (besideJaw - sides) * Math.min(1, y / chin)), y: y * belowChin }));
}

/** Of a superellipse: 2 would be an ellipse, which is too narrow at the temples. */
const roundness = 2.4;
const upperPoints = 24;

/** From the side of point 16 over the crown to that of point 0; `crown` is its height above the temples. */
function upperHalf(jaw: Point[], { sides }: HeadShape, crown: number): Point[] {
  const halfWidth = ((jaw[16].x - jaw[0].x) / 2) * sides;
  const bulge = (value: number): number => Math.sign(value) * Math.abs(value) ** (2 / roundness);
  return Array.from({ length: upperPoints + 1 }, (_, at) => {
    const angle = (Math.PI * at) / upperPoints;
    return { x: halfWidth * bulge(Math.cos(angle)), y: -crown * bulge(Math.sin(angle)) };
  });
}

/** The box around an outline, grown by `margin` of its size on every side. */
function around(outline: Point[], margin: number): Box {
  const [xs, ys] = [outline.map(({ x }) => x), outline.map(({ y }) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const [width, height] = [Math.max(...xs) - left, Math.max(...ys) - top];
  return {
    left: left - width * margin,
    top: top - height * margin,
    width: width * (1 + 2 * margin),
    height: height * (1 + 2 * margin),
  };
}

function mean(points: Point[]): Point {
  const sum = points.reduce((total, { x, y }) => ({ x: total.x + x, y: total.y + y }), { x: 0, y: 0 });
  return { x: sum.x / points.length, y: sum.y / points.length };
}
