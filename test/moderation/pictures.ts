/** Pictures to tell apart: drawn from a seed, or cut from the fixture photos; and the ways in which one comes back. */
import sharp, { type Sharp } from 'sharp';

export type TestPicture = { kind: string; width: number; height: number; rgb: Uint8Array };

type Random = () => number;

/** mulberry32: the same pictures on every machine. */
function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const widthPx = 384;
const heightPx = 320;

const between = (random: Random, least: number, most: number): number => least + (most - least) * random();
const colour = (random: Random, lightness = between(random, 15, 85)): string =>
  `hsl(${Math.floor(random() * 360)} ${Math.floor(between(random, 10, 90))}% ${Math.floor(lightness)}%)`;
const x = (random: Random): number => Math.round(random() * widthPx);
const y = (random: Random): number => Math.round(random() * heightPx);
const times = (count: number, draw: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => draw(index)).join('');
const count = (random: Random, least: number, most: number): number => Math.floor(between(random, least, most + 1));

function backdrop(random: Random): string {
  const [from, to] = [colour(random), colour(random)];
  const angle = Math.floor(random() * 360);
  return `<defs><linearGradient id="g" gradientTransform="rotate(${angle} 0.5 0.5)"><stop offset="0" stop-color="${from}"/><stop offset="1" stop-color="${to}"/></linearGradient></defs><rect width="100%" height="100%" fill="url(#g)"/>`;
}

function hill(random: Random, level: number): string {
  const points = Array.from(
    { length: 9 },
    (_, index) => `${(index * widthPx) / 8},${Math.round(level + between(random, -45, 45))}`,
  );
  return `<polygon fill="${colour(random)}" points="0,${heightPx} ${points.join(' ')} ${widthPx},${heightPx}"/>`;
}

/** Each kind draws what its name says, in SVG. */
const drawings: Readonly<Record<string, (random: Random) => string>> = {
  landscape: (random) =>
    `${backdrop(random)}<circle cx="${x(random)}" cy="${Math.round(y(random) / 2)}" r="${count(random, 12, 50)}" fill="${colour(random, 85)}"/>${times(count(random, 2, 4), (index) => hill(random, heightPx * (0.4 + index * 0.17)))}${times(count(random, 0, 9), () => `<rect x="${x(random)}" y="${Math.round(heightPx * between(random, 0.5, 0.85))}" width="${count(random, 8, 40)}" height="${count(random, 10, 60)}" fill="${colour(random)}"/>`)}`,
  portrait: (random) => {
    const [cx, cy, r] = [between(random, 110, 270), between(random, 100, 180), between(random, 38, 85)];
    const skin = `hsl(${count(random, 15, 35)} ${count(random, 25, 60)}% ${count(random, 25, 80)}%)`;
    const hair = colour(random, between(random, 8, 60));
    const eye = (side: number): string =>
      `<ellipse cx="${cx + side * r * 0.38}" cy="${cy - r * between(random, 0, 0.2)}" rx="${r * 0.13}" ry="${r * 0.08}" fill="#222"/>`;
    return `${random() < 0.5 ? backdrop(random) : `<rect width="100%" height="100%" fill="${colour(random)}"/>`}${times(count(random, 0, 5), () => `<rect x="${x(random)}" y="${y(random)}" width="${count(random, 30, 160)}" height="${count(random, 30, 200)}" fill="${colour(random)}"/>`)}<ellipse cx="${cx}" cy="${heightPx + 20}" rx="${r * between(random, 1.4, 2.3)}" ry="${heightPx - cy - r * 0.8}" fill="${colour(random)}"/><ellipse cx="${cx + between(random, -8, 8)}" cy="${cy - r * 0.2}" rx="${r * between(random, 0.95, 1.3)}" ry="${r * between(random, 1.1, 1.7)}" fill="${hair}"/><ellipse cx="${cx}" cy="${cy}" rx="${r * 0.85}" ry="${r * 1.1}" fill="${skin}"/>${eye(-1)}${eye(1)}<path d="M ${cx - r * 0.3} ${cy + r * 0.5} q ${r * 0.3} ${between(random, -10, 25)} ${r * 0.6} 0" stroke="#722" stroke-width="${count(random, 2, 7)}" fill="none"/>`;
  },
  shapes: (random) =>
    `${backdrop(random)}${times(count(random, 3, 14), () => (random() < 0.5 ? `<circle cx="${x(random)}" cy="${y(random)}" r="${count(random, 8, 90)}" fill="${colour(random)}" fill-opacity="${between(random, 0.4, 1)}"/>` : `<rect x="${x(random)}" y="${y(random)}" width="${count(random, 10, 170)}" height="${count(random, 10, 150)}" transform="rotate(${count(random, 0, 90)} ${x(random)} ${y(random)})" fill="${colour(random)}"/>`))}`,
  sparse: (random) =>
    `<rect width="100%" height="100%" fill="${colour(random)}"/>${times(count(random, 1, 3), () => `<ellipse cx="${x(random)}" cy="${y(random)}" rx="${count(random, 25, 120)}" ry="${count(random, 25, 110)}" fill="${colour(random)}"/>`)}`,
  page: (random) => {
    const lineHeight = count(random, 12, 24);
    const left = count(random, 14, 60);
    return `<rect width="100%" height="100%" fill="${colour(random, between(random, 85, 98))}"/>${times(
      Math.floor(heightPx / lineHeight) - 1,
      (line) => {
        if (random() < 0.15) return '';
        let at = left;
        return times(count(random, 2, 11), () => {
          const width = count(random, 8, 48);
          const word = `<rect x="${at}" y="${(line + 0.6) * lineHeight}" width="${width}" height="${lineHeight * 0.55}" fill="#333"/>`;
          at += width + 7;
          return word;
        });
      },
    )}${random() < 0.6 ? `<rect x="${x(random)}" y="${y(random)}" width="${count(random, 50, 190)}" height="${count(random, 40, 130)}" fill="${colour(random)}"/>` : ''}`;
  },
  screen: (random) =>
    `<rect width="100%" height="100%" fill="${colour(random, between(random, 10, 95))}"/><rect width="100%" height="${count(random, 14, 44)}" fill="${colour(random)}"/><rect y="30" width="${count(random, 0, 120)}" height="100%" fill="${colour(random)}"/>${times(count(random, 3, 10), () => `<rect rx="6" x="${x(random)}" y="${y(random)}" width="${count(random, 30, 170)}" height="${count(random, 14, 90)}" fill="${colour(random)}"/>`)}`,
  chart: (random) =>
    `<rect width="100%" height="100%" fill="${colour(random, 95)}"/>${times(count(random, 4, 14), (bar) => {
      const height = count(random, 10, 260);
      return `<rect x="${30 + bar * 25}" y="${300 - height}" width="18" height="${height}" fill="${colour(random)}"/>`;
    })}<polyline fill="none" stroke="${colour(random)}" stroke-width="4" points="${Array.from({ length: 10 }, (_, index) => `${index * 42},${y(random)}`).join(' ')}"/>`,
  stripes: (random) => {
    const width = count(random, 9, 60);
    const angle = count(random, 0, 179);
    return `<rect width="100%" height="100%" fill="${colour(random)}"/><g transform="rotate(${angle} 192 160)">${times(Math.ceil(800 / width), (index) => `<rect x="${index * width * 2 - 200}" y="-200" width="${width}" height="800" fill="${colour(random)}"/>`)}</g>`;
  },
  night: (random) =>
    `<rect width="100%" height="100%" fill="hsl(${count(random, 190, 270)} 60% ${count(random, 5, 14)}%)"/>${times(count(random, 20, 70), () => `<circle cx="${x(random)}" cy="${y(random)}" r="${between(random, 0.8, 3.5)}" fill="${colour(random, 85)}"/>`)}<circle cx="${x(random)}" cy="${y(random)}" r="${count(random, 14, 60)}" fill="${colour(random, 80)}"/>${hill(random, heightPx * 0.8)}`,
  gradient: backdrop,
  silhouette: (random) =>
    `${backdrop(random)}<path fill="#111" d="M 0 ${heightPx} ${times(12, (index) => `L ${index * 35} ${count(random, 90, 310)} `)} L ${widthPx} ${heightPx} Z"/>`,
};

async function draw(kind: string, seed: number): Promise<TestPicture> {
  const random = seeded(seed);
  const picture = drawings[kind]?.(random) ?? '';
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx * 0.75}" height="${heightPx * 0.75}" viewBox="0 0 ${widthPx} ${heightPx}">${picture}</svg>`;
  const { data, info } = await sharp(Buffer.from(svg))
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { kind, width: info.width, height: info.height, rgb: grain(data, random) };
}

/** What a camera adds. */
function grain(pixels: Buffer, random: Random): Uint8Array {
  const noisy = new Uint8ClampedArray(pixels);
  for (let place = 0; place < noisy.length; place += 1) noisy[place] = (noisy[place] ?? 0) + (random() - 0.5) * 7;
  return new Uint8Array(noisy.buffer);
}

/** Clouds, textures, blurred backgrounds: noise of several sizes, one for each channel. */
async function clouds(seed: number): Promise<TestPicture> {
  const random = seeded(seed);
  const coarsest = count(random, 2, 7);
  const roughness = between(random, 0.35, 0.75);
  const sum = new Float64Array(widthPx * heightPx * 3);
  for (let octave = 0; octave < 4; octave += 1) {
    const side = coarsest * 2 ** octave;
    const dots = Buffer.from(Array.from({ length: side * side * 3 }, () => Math.floor(random() * 256)));
    const layer = await sharp(dots, { raw: { width: side, height: side, channels: 3 } })
      .resize(widthPx, heightPx, { fit: 'fill', kernel: 'cubic' })
      .raw()
      .toBuffer();
    const weight = roughness ** octave;
    for (let place = 0; place < sum.length; place += 1)
      sum[place] = (sum[place] ?? 0) + ((layer[place] ?? 0) - 128) * weight;
  }
  const tint = [0, 1, 2].map(() => between(random, 70, 190));
  const strength = between(random, 0.25, 0.9);
  const rgb = new Uint8ClampedArray(sum.length);
  for (let place = 0; place < sum.length; place += 1)
    rgb[place] = (tint[place % 3] ?? 0) + (sum[place] ?? 0) * strength;
  return { kind: 'clouds', width: widthPx, height: heightPx, rgb: new Uint8Array(rgb.buffer) };
}

const photos = ['astronaut.png', 'chelsea.png', 'rocket.jpg'] as const;

/**
 * Parts of the photos, none of which holds much of another: tiles of a grid, and of a coarser one half a tile on.
 * @param grids how many tiles there are in a row of each.
 */
export async function photoParts(grids: readonly number[] = [2, 3, 5]): Promise<TestPicture[]> {
  const parts: TestPicture[] = [];
  for (const name of photos) {
    const file = `test/fixtures/photos/${name}`;
    const { width, height } = await sharp(file).metadata();
    for (const grid of grids) {
      for (let tile = 0; tile < grid * grid; tile += 1) {
        const size = { width: Math.floor(width / grid), height: Math.floor(height / grid) };
        const area = { left: (tile % grid) * size.width, top: Math.floor(tile / grid) * size.height, ...size };
        const { data, info } = await sharp(file)
          .removeAlpha()
          .toColourspace('srgb')
          .extract(area)
          .raw()
          .toBuffer({ resolveWithObject: true });
        parts.push({ kind: `part of ${name}`, width: info.width, height: info.height, rgb: new Uint8Array(data) });
      }
    }
  }
  return parts;
}

/**
 * `removable`: more than 50 pictures, without those that are one colour gradient; `different`: 1,000 others of all
 * kinds, plain and nearly empty ones among them. Both take turns with the parts of the same photos.
 */
export async function createPictures(): Promise<{ removable: TestPicture[]; different: TestPicture[] }> {
  const parts = await photoParts();
  const removable = parts.filter((_, index) => index % 8 === 5);
  const different = parts.filter((_, index) => index % 8 !== 5);
  const kinds = Object.keys(drawings);
  for (let index = 0; removable.length < 66; index += 1) {
    const kind = kinds[index % kinds.length] ?? '';
    if (kind !== 'gradient') removable.push(index % 8 === 7 ? await clouds(index) : await draw(kind, index));
  }
  for (let index = 0; different.length < 1000; index += 1) {
    const seed = 10_000 + index;
    different.push(index % 8 === 7 ? await clouds(seed) : await draw(kinds[index % kinds.length] ?? '', seed));
  }
  return { removable, different };
}

/** What people do to a picture, by name. */
export const copies: Readonly<Record<string, (picture: TestPicture) => Promise<TestPicture>>> = {
  'as it is': (picture) => Promise.resolve(picture),
  'JPEG, quality 80': (picture) => changed(picture, (image) => image.jpeg({ quality: 80 })),
  'JPEG, quality 30': (picture) => changed(picture, (image) => image.jpeg({ quality: 30 })),
  'WebP, quality 40': (picture) => changed(picture, (image) => image.webp({ quality: 40 })),
  'half the size': (picture) => changed(picture, (image) => image.resize(Math.round(picture.width / 2)).png()),
  'a quarter of the size': (picture) => changed(picture, (image) => image.resize(Math.round(picture.width / 4)).png()),
  'twice the size': (picture) => changed(picture, (image) => image.resize(picture.width * 2).png()),
  'stretched to a square': (picture) => changed(picture, (image) => image.resize(300, 300, { fit: 'fill' }).png()),
  'brighter by 20 %': (picture) => changed(picture, (image) => image.linear(1.2, 0).png()),
  'darker by 20 %': (picture) => changed(picture, (image) => image.linear(0.8, 0).png()),
  'lighter by 20 levels': (picture) => changed(picture, (image) => image.linear(1, 20).png()),
  'more contrast': (picture) => changed(picture, (image) => image.linear(1.25, -32).png()),
  'blurred a little': (picture) => changed(picture, (image) => image.blur(1.2).png()),
  mirrored: (picture) => changed(picture, (image) => image.flop().png()),
  'cropped by 5 % at each side': (picture) => cropped(picture, 0.05, 0.05, 0.05, 0.05),
  'cropped by 5 % in all': (picture) => cropped(picture, 0.025, 0.025, 0.025, 0.025),
  'cropped by 5 % at the left': (picture) => cropped(picture, 0.05, 0, 0, 0),
  'cropped by 5 % at the top': (picture) => cropped(picture, 0, 0.05, 0, 0),
  'cropped by 5 % at the right': (picture) => cropped(picture, 0, 0, 0.05, 0),
  'cropped by 5 % at the bottom': (picture) => cropped(picture, 0, 0, 0, 0.05),
  'cropped by 5 % at a corner': (picture) => cropped(picture, 0.05, 0.05, 0, 0),
  'cropped by 3 % at each side': (picture) => cropped(picture, 0.03, 0.03, 0.03, 0.03),
  'white border of 4 %': (picture) => bordered(picture, 0.04, 0.04, '#fff'),
  'black border of 10 %': (picture) => bordered(picture, 0.1, 0.1, '#000'),
  'coloured border of 7 %': (picture) => bordered(picture, 0.07, 0.07, '#c33'),
  'black bars above and below': (picture) => bordered(picture, 0, 0.15, '#000'),
  'white bars left and right': (picture) => bordered(picture, 0.12, 0, '#fff'),
  'bordered, then JPEG': async (picture) =>
    changed(await bordered(picture, 0.06, 0.06, '#222'), (image) => image.jpeg({ quality: 60 })),
  'mirrored, small, JPEG': (picture) =>
    changed(picture, (image) =>
      image
        .flop()
        .resize(Math.round(picture.width / 2))
        .jpeg({ quality: 60 }),
    ),
  'mirrored and cropped by 5 %': async (picture) =>
    cropped(await changed(picture, (image) => image.flop().png()), 0.05, 0.05, 0.05, 0.05),
  'mirrored and bordered': async (picture) =>
    bordered(await changed(picture, (image) => image.flop().png()), 0.08, 0.08, '#fff'),
  'cropped, brighter, JPEG': async (picture) =>
    changed(await cropped(picture, 0.05, 0.05, 0.05, 0.05), (image) => image.linear(1.15, 0).jpeg({ quality: 60 })),
};

function opened({ width, height, rgb }: TestPicture): Sharp {
  return sharp(rgb, { raw: { width, height, channels: 3 } });
}

async function changed(picture: TestPicture, change: (image: Sharp) => Sharp): Promise<TestPicture> {
  const file = await change(opened(picture)).toBuffer();
  const { data, info } = await sharp(file)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { kind: picture.kind, width: info.width, height: info.height, rgb: new Uint8Array(data) };
}

function cropped(picture: TestPicture, left: number, top: number, right: number, bottom: number): Promise<TestPicture> {
  const { width, height } = picture;
  const area = {
    left: Math.floor(width * left),
    top: Math.floor(height * top),
    width: Math.floor(width * (1 - left - right)),
    height: Math.floor(height * (1 - top - bottom)),
  };
  return changed(picture, (image) => image.extract(area).png());
}

function bordered(picture: TestPicture, shareX: number, shareY: number, background: string): Promise<TestPicture> {
  const [aside, above] = [Math.round(picture.width * shareX), Math.round(picture.height * shareY)];
  return changed(picture, (image) =>
    image.extend({ left: aside, right: aside, top: above, bottom: above, background }).png(),
  );
}
