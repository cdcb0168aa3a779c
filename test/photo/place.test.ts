import { describe, expect, test } from 'vitest';
import { parsePlace } from '../../src/photo/place.ts';

const named = (row: string, column: string, scale = 1): object => ({ kind: 'named', row, column, scale });

describe('parsePlace', () => {
  test.each([
    ['centre', named('middle', 'middle')],
    ['center', named('middle', 'middle')],
    ['middle', named('middle', 'middle')],
    ['top', named('top', 'middle')],
    [' Bottom ', named('bottom', 'middle')],
    ['left', named('middle', 'left')],
    ['right', named('middle', 'right')],
    ['top-left', named('top', 'left')],
    ['right top', named('top', 'right')],
    ['bottom-centre', named('bottom', 'middle')],
    ['top 75%', named('top', 'middle', 0.75)],
    ['bottom-right 150 %', named('bottom', 'right', 1.5)],
    ['128,0', { kind: 'at', x: 128, y: 0, scale: 1 }],
    ['64, 8, 192', { kind: 'at', x: 64, y: 8, size: 192, scale: 1 }],
    ['64,8 50%', { kind: 'at', x: 64, y: 8, scale: 0.5 }],
  ])('reads "%s"', (text, place) => expect(parsePlace(text)).toEqual(place));

  test.each([
    '',
    'moon',
    'top-top',
    'top-bottom',
    'left right',
    'top left centre',
    '12',
    '1,2,3,4',
    '-8,0',
    '1.5,2',
    '8,,8',
    '75%',
    'top; left',
  ])('refuses "%s" with the names that there are', (text) => {
    return expect(() => parsePlace(text)).toThrow(
      expect.objectContaining({ code: 'place.unknown', message: expect.stringMatching(/top-left.*128,0/) }),
    );
  });

  test.each(['top 5%', 'top 0%', 'left 401%'])('refuses the scale of "%s"', (text) =>
    expect(() => parsePlace(text)).toThrow(expect.objectContaining({ code: 'place.scale' })),
  );
});
