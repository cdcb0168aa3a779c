/**
 * Where the loop's randomness comes from. Every draw has a name (`posterior_seed`, `cycle3.disturb`, `cycle3.step5`,
 * `final.step0`, the names of the recorded runs), so that recorded noise can be fed in and a seeded draw does not depend
 * on the order or the batch in which it is made.
 */

/** @returns `length` standard normal numbers, for the picture with this index of the request. */
export type NoiseSource = (name: string, picture: number, length: number) => Float32Array;

/** Picture i of a request with seed s gets exactly the noise of the first picture of a request with seed s + i. */
export function seededNoise(seed: number): NoiseSource {
  return (name, picture, length) => {
    const uniform = xoshiro128(hash128(`${(seed + picture) % 2 ** 32}/${name}`));
    const values = new Float32Array(length);
    for (let i = 0; i < length; i += 2) {
      // Marsaglia's polar method (1964): Box-Muller without the sines, which would cost more than a DDIM step.
      let x = 0;
      let y = 0;
      let square = 0;
      while (square === 0 || square >= 1) {
        x = 2 * uniform() - 1;
        y = 2 * uniform() - 1;
        square = x * x + y * y;
      }
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      values[i] = x * scale;
      if (i + 1 < length) values[i + 1] = y * scale;
    }
    return values;
  };
}

/** xoshiro128** (Blackman and Vigna, 2018, public domain): 32-bit arithmetic only, the same on every machine. */
function xoshiro128([a, b, c, d]: Uint32Array): () => number {
  const next = (): number => {
    const scrambled = Math.imul(b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const carried = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= carried;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  // 53 bits, as Math.random has: 32 would leave visible steps in the tails of the normal distribution.
  return () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53;
}

/** FNV-1a over four lanes with different offsets, finished with murmur3's mixer: neighbouring seeds get unrelated states. */
function hash128(text: string): Uint32Array {
  const lanes = Uint32Array.of(0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35);
  for (let i = 0; i < text.length; i += 1) {
    for (let lane = 0; lane < 4; lane += 1) lanes[lane] = Math.imul(lanes[lane] ^ text.charCodeAt(i), 0x01000193);
  }
  return lanes.map((lane, i) => {
    let mixed = lane ^ (lanes[(i + 1) % 4] >>> 15);
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return mixed ^ (mixed >>> 16);
  });
}
