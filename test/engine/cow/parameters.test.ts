import { describe, expect, it } from 'vitest';

import {
  checkPrompt,
  presetByName,
  resolveParameters,
  type CowParameterWishes,
} from '../../../src/engine/cow/parameters.ts';
import { parametersOfBalance } from '../../../src/engine/cow/variations.ts';
import { parametersOf, type EngineRequest } from '../../../src/engine/request.ts';
import { refusalOf } from '../refusals.ts';

const request: EngineRequest = { prompt: 'a boat', seeds: [], seed: 1 };

/** Values of the wrong type, as a stored or typed-in request may hold them. */
function wish(name: string, value: unknown): CowParameterWishes {
  return { [name]: value };
}

describe('presets', () => {
  it("names the authors' constants", () => {
    expect(presetByName('paper')).toEqual({
      steps: 10,
      replace: 0.5,
      back: 0.7,
      preserve: 0.4,
      preserveTo: 0.4,
      overwrite: 'all',
      keepCells: 'topLeft',
      cycles: 10,
      guidance: 7.5,
      etaCycle: 1,
      etaFinal: 0.1,
      negativePrompt: 'a bad quality and low resolution image,extra fingers,deformed hands',
      diversePrompt: 'a high quality and colorful image',
      suppressPrompt: 'human face',
      grey: 128,
      reading: '0.17',
    });
  });

  it('differ in the reading', () => {
    expect(presetByName('diffusers-0.22')).toEqual({ ...presetByName('paper'), reading: '0.22' });
  });

  it('refuses a preset that there is not', () => {
    expect(refusalOf(() => presetByName('toString')).message).toBe(
      'Expected one of paper, diffusers-0.22 for `preset`, got "toString".',
    );
  });
});

describe('order of authority', () => {
  const recommended = { guidance: 1, steps: 8, cycles: 4 };

  it('takes the preset where nobody says anything', () => {
    expect(parametersOf(request, {})).toEqual(presetByName('paper'));
  });

  it('puts the recommendation before the preset', () => {
    expect(parametersOf({ ...request, preset: 'diffusers-0.22' }, recommended)).toEqual({
      ...presetByName('diffusers-0.22'),
      ...recommended,
    });
  });

  it('puts the balance before preset and recommendation', () => {
    expect(parametersOf({ ...request, balance: 1 }, recommended)).toEqual({
      ...presetByName('paper'),
      ...recommended,
      ...parametersOfBalance(1),
    });
  });

  it('puts what was asked before everything', () => {
    const parameters = { guidance: 3, overwrite: 'all' } as const;
    expect(parametersOf({ ...request, balance: 1, parameters }, recommended)).toMatchObject({
      guidance: 3,
      overwrite: 'all',
      steps: 8,
      cycles: 4,
    });
  });

  it('reads undefined as not set', () => {
    expect(resolveParameters('paper', { guidance: undefined, steps: undefined }, { guidance: 2 })).toMatchObject({
      guidance: 2,
      steps: 10,
    });
  });
});

describe('values out of their range', () => {
  it.each([
    ['steps', 0, 'Expected a whole number from 1 to 500 for `steps`, got 0.'],
    ['steps', 501, 'Expected a whole number from 1 to 500 for `steps`, got 501.'],
    ['steps', 2.5, 'Expected a whole number from 1 to 500 for `steps`, got 2.5.'],
    ['steps', Number.NaN, 'Expected a whole number from 1 to 500 for `steps`, got NaN.'],
    ['steps', '10', 'Expected a whole number from 1 to 500 for `steps`, got "10".'],
    ['steps', null, 'Expected a whole number from 1 to 500 for `steps`, got null.'],
    ['cycles', 0, 'Expected a whole number from 1 to 100 for `cycles`, got 0.'],
    ['cycles', 101, 'Expected a whole number from 1 to 100 for `cycles`, got 101.'],
    ['grey', -1, 'Expected a whole number from 0 to 255 for `grey`, got -1.'],
    ['grey', 256, 'Expected a whole number from 0 to 255 for `grey`, got 256.'],
    ['replace', -0.1, 'Expected a number from 0 to 1 for `replace`, got -0.1.'],
    ['replace', 1.1, 'Expected a number from 0 to 1 for `replace`, got 1.1.'],
    ['replace', 'half', 'Expected a number from 0 to 1 for `replace`, got "half".'],
    ['back', 0.4, 'Expected a number from 0.5 to 1 for `back`, got 0.4.'],
    ['back', 1, 'Expected `back` below 1, so that the cycle ends under pure noise, got 1.'],
    ['preserve', 0.6, 'Expected a number from 0 to 0.5 for `preserve`, got 0.6.'],
    ['preserveTo', 0.5, 'Expected a number from 0 to 0.4 for `preserveTo`, got 0.5.'],
    ['guidance', -1, 'Expected a number from 0 to 50 for `guidance`, got -1.'],
    ['guidance', 50.5, 'Expected a number from 0 to 50 for `guidance`, got 50.5.'],
    ['guidance', Number.POSITIVE_INFINITY, 'Expected a number from 0 to 50 for `guidance`, got Infinity.'],
    ['etaCycle', 1.5, 'Expected a number from 0 to 1 for `etaCycle`, got 1.5.'],
    ['etaFinal', -0.5, 'Expected a number from 0 to 1 for `etaFinal`, got -0.5.'],
    ['overwrite', 'never', 'Expected one of back, cycle, all for `overwrite`, got "never".'],
    ['keepCells', 'all', 'Expected topLeft or touched for `keepCells`, got "all".'],
    ['reading', '0.18', 'Expected 0.17 or 0.22 for `reading`, got "0.18".'],
    ['negativePrompt', 7, 'Expected a text for `negativePrompt`, got 7.'],
    ['diversePrompt', 'x'.repeat(4001), 'Expected at most 4000 characters for `diversePrompt`, got 4001.'],
    ['suppressPrompt', 'a\0b', 'Expected a text without zero bytes for `suppressPrompt`, got 1.'],
  ])('%s %s', (name, value, sentence) => {
    const refusal = refusalOf(() => resolveParameters('paper', wish(name, value)));
    expect(refusal.message).toBe(sentence);
    expect(refusal.code).toBe(`parameters.${name}`);
  });

  it.each([0, 6, 2.5, -1, Number.NaN])('balance %s', (balance) => {
    expect(refusalOf(() => parametersOfBalance(balance)).message).toMatch(
      /^Expected a whole number from 1 \(.*\) to 5 \(.*\) for `balance`, got /,
    );
  });

  it('accepts the ends of every range', () => {
    expect(() => {
      resolveParameters('paper', { steps: 1, cycles: 1, grey: 0, guidance: 0, etaCycle: 0, etaFinal: 0 });
      resolveParameters('paper', { steps: 500, cycles: 100, grey: 255, guidance: 50, etaCycle: 1, etaFinal: 1 });
      resolveParameters('paper', { replace: 0, back: 0, preserve: 0, preserveTo: 0 });
      resolveParameters('paper', { replace: 0.9, back: 0.9, preserve: 0.9, preserveTo: 0.9 });
    }).not.toThrow();
  });

  it('says nothing of the words of a prompt that is too long', () => {
    expect(refusalOf(() => checkPrompt('prompt', 'secret '.repeat(1000))).message).not.toContain('secret');
  });
});

describe('balance', () => {
  it("is the paper's at 3", () => {
    expect({ ...presetByName('paper'), ...parametersOfBalance(3) }).toEqual(presetByName('paper'));
  });

  it.each([1, 2, 3, 4, 5])('%d passes the checks of every preset', (balance) => {
    expect(() => resolveParameters('paper', parametersOfBalance(balance))).not.toThrow();
    expect(() => resolveParameters('diffusers-0.22', parametersOfBalance(balance))).not.toThrow();
  });
});
