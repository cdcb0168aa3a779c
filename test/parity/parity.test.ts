import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { loadModel, type LoadedModel } from '../../src/engine/model/load.ts';
import { findModelOf, readCase } from '../../src/parity/recorded-case.ts';
import { replay } from '../../src/parity/replay.ts';
import { laterRefusalOf, refusalOf } from '../engine/refusals.ts';

const cases = fileURLToPath(new URL('../fixtures/recorded/cases/', import.meta.url));

/** Bounds of the recorded runs' own README: the loop's rounding, and the autoencoder's on flat grey on top of it. */
const tolerances = { latents: 1e-3, photo: 5e-3 } as const;
const minPsnrDb = 50;

describe.each([
  ['tiny-sd21', '0.17.1', ['A', 'C', 'I7', 'I25']],
  ['tiny-sd21', '0.22.3', ['B']],
  ['tiny-sd15', '0.17.1', ['E']],
])('%s, reading %s', (name, reading, names) => {
  let model: LoadedModel;
  beforeAll(async () => {
    // Small networks: more threads would only wait for each other, and for those of other test files.
    model = await loadModel(findModelOf(await readCase(path.join(cases, names[0]))), { device: 'cpu', threads: 1 });
  });
  afterAll(async () => model.close());

  describe.each(names)('case %s', (id) => {
    it.each(['latents', 'photo'] as const)('replays from the %s', async (from) => {
      const recorded = await readCase(path.join(cases, id));
      expect(recorded.manifest).toMatchObject({ case: id, model: name, reading });
      expect(model.folder.name).toBe(name);
      const result = await replay(recorded, model, from);
      expect(result.finalMaxAbs).toBeLessThan(tolerances[from]);
      expect(result.worstMaxAbs).toBeLessThan(tolerances[from]);
      expect(result.psnrDb).toBeGreaterThanOrEqual(minPsnrDb);
      // Nothing recorded goes uncompared but what the run was started from.
      const given = from === 'latents' ? ['seedAt0', 'canvas0'] : [];
      expect(Object.keys(result.maxAbs).toSorted()).toEqual(
        [...recorded.recorded.keys()].filter((tensor) => !given.includes(tensor)).toSorted(),
      );
    });
  });
});

describe('a mistake', () => {
  it('moves the final latents far beyond the tolerance: the other reading', async () => {
    const recorded = await readCase(path.join(cases, 'I7'));
    const model = await loadModel(findModelOf(recorded), { device: 'cpu', threads: 1 });
    try {
      const manifest = { ...recorded.manifest, reading: '0.22.3' };
      const result = await replay({ ...recorded, manifest }, model, 'latents');
      expect(result.finalMaxAbs).toBeGreaterThan(0.05);
    } finally {
      await model.close();
    }
  });
});

describe('a folder that is no case', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'cowbot-parity-'));
  afterAll(() => rmSync(dir, { recursive: true }));

  it('is refused where there is none', async () => {
    expect((await laterRefusalOf(readCase(path.join(dir, 'none')))).message).toBe(
      'Expected a recorded case (a folder with case.json) at none.',
    );
  });

  it('is refused where its tensors end early', async () => {
    const cut = path.join(dir, 'cut');
    cpSync(path.join(cases, 'I7'), cut, { recursive: true });
    writeFileSync(path.join(cut, 'tensors.f32'), readFileSync(path.join(cut, 'tensors.f32')).subarray(0, 5000));
    expect((await laterRefusalOf(readCase(cut))).message).toMatch(/^cut: tensors\.f32 ends before .+\.$/);
  });

  it('names the model that it lacks', async () => {
    const { manifest } = await readCase(path.join(cases, 'I7'));
    expect(refusalOf(() => findModelOf({ dir, manifest })).message).toBe(
      'No folder models/tiny-sd21 beside the case I7; name its model with --model.',
    );
  });
});
