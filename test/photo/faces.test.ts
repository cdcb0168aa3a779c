import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Fault } from '../../src/errors.ts';
import { createFaceFinder, type Face } from '../../src/photo/faces.ts';
import { readPhoto } from '../../src/photo/intake.ts';
import { photoFile } from './samples.ts';

const finder = createFaceFinder();
afterAll(() => finder.close());

/** Eyes, nose and mouth of the astronaut, read off the photo by eye. */
const features = { left: 180, top: 85, right: 265, bottom: 180 };

async function find(file: Buffer): Promise<Face[]> {
  return finder.find(await readPhoto(file));
}

describe('a photo of one person', () => {
  let faces: Face[];
  beforeAll(async () => {
    faces = await find(photoFile('astronaut.png'));
  });

  test('gives one box around the features', () => {
    expect(faces).toHaveLength(1);
    const [face] = faces;
    const { left, top, width, height } = face.box;
    expect(left).toBeGreaterThan(170);
    expect(left + width).toBeLessThan(275);
    expect(top).toBeGreaterThan(60);
    expect(top + height).toBeLessThan(185);
    expect(face.score).toBeGreaterThan(0.9);
  });

  test('gives 68 landmarks, each where it belongs', () => {
    const [face] = faces;
    expect(face.landmarks).toHaveLength(68);
    for (const { x, y } of face.landmarks.slice(17)) {
      expect(x).toBeGreaterThan(features.left);
      expect(x).toBeLessThan(features.right);
      expect(y).toBeGreaterThan(features.top);
      expect(y).toBeLessThan(features.bottom);
    }
    const [chin, nose, eye] = [face.landmarks[8], face.landmarks[30], face.landmarks[36]];
    expect(chin.y).toBeGreaterThan(nose.y);
    expect(nose.y).toBeGreaterThan(eye.y);
  });
});

test("finds the same face in a photo of 2048 pixels, in that photo's pixels", async () => {
  const [small] = await find(photoFile('astronaut.png'));
  const [large] = await find(await sharp(photoFile('astronaut.png')).resize(2048).png().toBuffer());
  expect(Math.abs(large.box.left / 4 - small.box.left)).toBeLessThan(6);
  expect(Math.abs(large.landmarks[8].y / 4 - small.landmarks[8].y)).toBeLessThan(6);
});

test('puts the larger of two faces first', async () => {
  const head = sharp(photoFile('astronaut.png')).extract({ left: 90, top: 0, width: 260, height: 260 });
  const small = await head.clone().resize(180).toBuffer();
  const pair = sharp({ create: { width: 700, height: 300, channels: 3, background: '#998877' } }).composite([
    { input: small, left: 20, top: 60 },
    { input: await head.toBuffer(), left: 400, top: 20 },
  ]);
  const faces = await find(await pair.png().toBuffer());
  expect(faces).toHaveLength(2);
  expect(faces[0].box.left).toBeGreaterThan(400);
  expect(faces[1].box.left).toBeLessThan(200);
});

test.each(['chelsea.png', 'rocket.jpg'] as const)('sees nobody in %s', async (name) => {
  expect(await find(photoFile(name))).toEqual([]);
});

describe('the thread', () => {
  test('answers several searches at once', async () => {
    const photo = await readPhoto(photoFile('astronaut.png'));
    const cat = await readPhoto(photoFile('chelsea.png'));
    const [one, none, other] = await Promise.all([finder.find(photo), finder.find(cat), finder.find(photo)]);
    expect([one.length, none.length, other.length]).toEqual([1, 0, 1]);
    expect(photo.rgb.length).toBe(512 * 512 * 3);
  });

  test('lets a search be given up, and goes on', async () => {
    const photo = await readPhoto(photoFile('astronaut.png'));
    const reason = new Error('no longer wanted');
    const control = new AbortController();
    const search = finder.find(photo, { signal: control.signal });
    setImmediate(() => control.abort(reason));
    await expect(search).rejects.toBe(reason);
    await expect(finder.find(photo, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(await finder.find(photo)).toHaveLength(1);
  });

  test('is replaced when it takes too long', async () => {
    const photo = await readPhoto(photoFile('astronaut.png'));
    const hasty = createFaceFinder({ timeoutMs: 1 });
    for (let round = 0; round < 2; round += 1) {
      const error: unknown = await hasty.find(photo).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(Fault);
      expect(error).toMatchObject({ mayPass: true });
    }
    await hasty.close();
  });

  test('that dies fails its search, and a fresh one answers the next', async () => {
    const own = createFaceFinder();
    const photo = await readPhoto(photoFile('astronaut.png'));
    process.once('worker', (worker) => void worker.terminate());
    const error: unknown = await own.find(photo).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Fault);
    expect(error).toMatchObject({ mayPass: true });
    expect(await own.find(photo)).toHaveLength(1);
    await own.close();
  });

  test('fails what is under way when it is closed, and everything after', async () => {
    const photo = await readPhoto(photoFile('astronaut.png'));
    const own = createFaceFinder();
    const started = once(process, 'worker');
    const search = own.find(photo).catch((reason: unknown) => reason);
    await started;
    await own.close();
    expect(await search).toBeInstanceOf(Fault);
    await expect(own.find(photo)).rejects.toBeInstanceOf(Fault);
  });

  test('neither prints anything nor keeps the process alive', () => {
    const program = `
      const { createFaceFinder } = await import(${JSON.stringify(new URL('../../src/photo/faces.ts', import.meta.url).href)});
      const photo = { width: 64, height: 64, rgb: new Uint8Array(64 * 64 * 3) };
      process.exitCode = (await createFaceFinder().find(photo)).length === 0 ? 7 : 1;`;
    const done = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      timeout: 60_000,
      encoding: 'utf8',
    });
    expect(done).toMatchObject({ status: 7, stdout: '', stderr: '' });
  });
});
