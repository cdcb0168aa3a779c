import { assert, constantFrom, property, uint8Array } from 'fast-check';
import { expect, it } from 'vitest';

import { alignToCells } from '../../src/painting/cells.ts';

const factor = 8;
const size = { width: 24, height: 16 };

it('keeps cells whole, where the share of their kept pixels is reached', () => {
  assert(
    property(uint8Array({ minLength: 24 * 16, maxLength: 24 * 16 }), constantFrom(0, 0.25, 0.5, 1), (keep, share) => {
      const aligned = alignToCells(keep, size, factor, share);
      for (let cell = 0; cell < 6; cell += 1) {
        const pixels = Array.from({ length: 64 }, (_, i) => {
          const x = (cell % 3) * factor + (i % factor);
          const y = Math.floor(cell / 3) * factor + Math.floor(i / factor);
          return y * size.width + x;
        });
        const kept = pixels.filter((pixel) => keep[pixel] >= 128).length;
        const expected = kept > 0 && kept >= share * 64 ? 255 : 0;
        expect(pixels.every((pixel) => aligned[pixel] === expected)).toBe(true);
      }
    }),
  );
});
