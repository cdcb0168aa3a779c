import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { fourWayGuidance, plainGuidance } from '../../../src/engine/cow/guidance.ts';

const output = fc.float32Array({ minLength: 12, maxLength: 12, min: -8, max: 8, noNaN: true });
/** Two pictures of two channels over three cells; the mask repeats for each plane. */
const kept = Uint8Array.of(1, 0, 1);
const everything = new Uint8Array(3).fill(1);

/** The published formula, written out for all four outputs whatever the guidance. */
function published(
  scale: number,
  outputs: { negative: Float32Array; text: Float32Array; suppress: Float32Array; diverse: Float32Array },
  mask: Uint8Array,
): Float32Array {
  return outputs.negative.map((negative, i) => {
    const m = mask[i % mask.length];
    const base = m * negative + (1 - m) * (negative + outputs.suppress[i] - outputs.diverse[i]);
    return base + scale * (outputs.text[i] - base);
  });
}

describe('plain guidance', () => {
  it('goes from the empty prompt through the text', () => {
    const guidance = plainGuidance(7.5);
    expect(guidance.branches).toEqual(['empty', 'text']);
    expect(guidance.combine([Float32Array.of(1, -1), Float32Array.of(2, 1)], kept)).toEqual(Float32Array.of(8.5, 14));
  });

  it('is the empty prompt at 0', () => {
    const combined = plainGuidance(0).combine([Float32Array.of(1), Float32Array.of(5)], kept);
    expect(combined).toEqual(Float32Array.of(1));
  });

  it('needs the text alone at 1', () => {
    const guidance = plainGuidance(1);
    expect(guidance.branches).toEqual(['text']);
    fc.assert(
      fc.property(output, output, (empty, text) => {
        const full = empty.map((base, i) => base + 1 * (text[i] - base));
        for (const [i, value] of guidance.combine([text], kept).entries()) expect(value).toBeCloseTo(full[i], 6);
      }),
    );
  });
});

describe('four-way guidance', () => {
  it('is the published formula, cell by cell', () => {
    const guidance = fourWayGuidance(7.5, false);
    expect(guidance.branches).toEqual(['negative', 'text', 'suppress', 'diverse']);
    fc.assert(
      fc.property(output, output, output, output, (negative, text, suppress, diverse) => {
        const full = published(7.5, { negative, text, suppress, diverse }, kept);
        expect(guidance.combine([negative, text, suppress, diverse], kept)).toEqual(full);
      }),
    );
  });

  it('looks at the suppressed and the diverse prompt in cells that are not kept only', () => {
    const flat = (value: number): Float32Array => new Float32Array(3).fill(value);
    const combine = (suppress: number, diverse: number): Float32Array =>
      fourWayGuidance(3, false).combine([flat(1), flat(2), flat(suppress), flat(diverse)], kept);
    const [keptCell, free] = combine(5, 7);
    expect(keptCell).toBe(1 + 3 * (2 - 1));
    expect(free).toBe(1 + 5 - 7 + 3 * (2 - (1 + 5 - 7)));
    expect(combine(50, -70)[0]).toBe(keptCell);
    expect(combine(50, -70)[1]).not.toBe(free);
  });

  it('needs two branches where everything is kept, with exactly the same outcome', () => {
    const guidance = fourWayGuidance(7.5, true);
    expect(guidance.branches).toEqual(['negative', 'text']);
    fc.assert(
      fc.property(output, output, output, output, (negative, text, suppress, diverse) => {
        const full = published(7.5, { negative, text, suppress, diverse }, everything);
        expect(guidance.combine([negative, text], everything)).toEqual(full);
      }),
    );
  });

  it.each([false, true])('needs the text alone at 1, everything kept: %s', (everythingKept) => {
    const guidance = fourWayGuidance(1, everythingKept);
    expect(guidance.branches).toEqual(['text']);
    fc.assert(
      fc.property(output, output, output, output, (negative, text, suppress, diverse) => {
        const mask = everythingKept ? everything : kept;
        const full = published(1, { negative, text, suppress, diverse }, mask);
        for (const [i, value] of guidance.combine([text], mask).entries()) expect(value).toBeCloseTo(full[i], 5);
      }),
    );
  });
});
