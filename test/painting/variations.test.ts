import { expect, it } from 'vitest';

import { applyVariation, nextSeed, parseVariation, type VariationKind } from '../../src/painting/variations.ts';
import { pictureWish } from '../../src/painting/wish.ts';
import { Refusal } from '../../src/errors.ts';

const old = pictureWish.parse({
  prompt: 'a knight',
  photos: [{ keep: 'face', place: 'left' }, {}],
  seed: 7,
  count: 4,
  balance: 3,
});
const options = { seed: 8 };

it('changes what the button says and keeps the rest', () => {
  const vary = (kind: VariationKind, more = {}): unknown => {
    const { wish, restart } = applyVariation(old, kind, { ...options, ...more });
    return {
      ...Object.fromEntries(Object.entries(wish).filter(([name, value]) => value !== Object(old)[name])),
      restart,
    };
  };
  expect(vary('again')).toEqual({ seed: 8, count: 1, restart: undefined });
  expect(vary('subtle')).toEqual({ seed: 8, count: 1, restart: 'subtle' });
  expect(vary('strong')).toEqual({ seed: 8, count: 1, restart: 'strong' });
  expect(vary('keep-more')).toEqual({ count: 1, balance: 4, restart: undefined });
  expect(vary('change-more')).toEqual({ count: 1, balance: 2, restart: undefined });
  expect(vary('move', { place: 'bottom' })).toEqual({
    count: 1,
    photos: [{ keep: 'face', place: 'bottom' }, old.photos[1]],
    restart: undefined,
  });
  expect(vary('remix', { prompt: 'a beach' })).toEqual({ seed: 8, count: 1, prompt: 'a beach', restart: undefined });
});

it.each<[string, () => unknown, string]>([
  ['keeps no more than all', () => applyVariation({ ...old, balance: 5 }, 'keep-more', options), 'variation.most'],
  [
    'changes no more than it can',
    () => applyVariation({ ...old, balance: 1 }, 'change-more', options),
    'variation.least',
  ],
  [
    'keeps nothing of no photo',
    () => applyVariation({ ...old, photos: [] }, 'keep-more', options),
    'variation.no-photo',
  ],
  [
    'moves no photo that is not there',
    () => applyVariation({ ...old, photos: [] }, 'move', options),
    'variation.no-photo',
  ],
  ['moves nowhere', () => applyVariation(old, 'move', options), 'variation.place'],
  ['remixes without a prompt', () => applyVariation(old, 'remix', options), 'variation.prompt'],
  ['knows its kinds', () => parseVariation('sideways'), 'variation.unknown'],
])('%s', (_what, act, code) => {
  expect(act).toThrow(expect.objectContaining({ name: Refusal.name, code }));
});

it('never repeats a seed', () => {
  expect(nextSeed(() => 0.5, 2 ** 31)).toBe(2 ** 31 + 1);
  expect(nextSeed(() => 1 - 2 ** -53, 2 ** 32 - 1)).toBe(0);
});
