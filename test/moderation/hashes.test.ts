import { beforeAll, describe, expect, test } from 'vitest';
import { isCopy, isRecognisable } from '../../src/moderation/hashes/compare.ts';
import { describePicture, type PictureHashes } from '../../src/moderation/hashes/describe.ts';
import { exportHashes, importHashes, readHashes, writeHashes } from '../../src/moderation/hashes/exchange.ts';
import { HashList } from '../../src/moderation/hashes/list.ts';
import { copies, createPictures, type TestPicture } from './pictures.ts';

type Described = { picture: TestPicture; hashes: PictureHashes };

let removed: Described[];
let plain: Described[];
let different: Described[];

function hashesOf({ rgb, width, height }: TestPicture): Promise<PictureHashes> {
  return describePicture(rgb, width, height);
}

function listOfRemoved(): HashList<number> {
  const list = new HashList<number>();
  for (const [index, { hashes }] of removed.entries()) list.add(index, hashes);
  return list;
}

async function describeAll(pictures: readonly TestPicture[]): Promise<Described[]> {
  const described: Described[] = [];
  for (const picture of pictures) described.push({ picture, hashes: await hashesOf(picture) });
  return described;
}

beforeAll(async () => {
  const pictures = await createPictures();
  const removable = await describeAll(pictures.removable);
  removed = removable.filter(({ hashes }) => isRecognisable(hashes)).slice(0, 50);
  plain = removable.filter(({ hashes }) => !isRecognisable(hashes));
  different = await describeAll(pictures.different);
});

describe('50 removed pictures', () => {
  test('are of many kinds', () => {
    expect(removed).toHaveLength(50);
    expect(new Set(removed.map(({ picture }) => picture.kind)).size).toBeGreaterThan(9);
  });

  test.each(Object.keys(copies))('come back %s and are caught', async (name) => {
    const missed: number[] = [];
    const list = listOfRemoved();
    for (const [index, { picture, hashes }] of removed.entries()) {
      const copy = await hashesOf((await copies[name]?.(picture)) ?? picture);
      if (!isCopy(copy, hashes) || !isCopy(hashes, copy) || list.find(copy) !== index) missed.push(index);
    }
    process.stdout.write(`${name}: ${removed.length - missed.length} of ${removed.length} caught\n`);
    expect(missed).toEqual([]);
  });

  test('are not taken for one another', () => {
    const pairs = removed.flatMap((one, index) => removed.slice(index + 1).map((other) => [one, other] as const));
    expect(pairs.filter(([one, other]) => isCopy(one.hashes, other.hashes))).toEqual([]);
  });
});

test('1,000 different pictures are not caught', () => {
  const list = listOfRemoved();
  const caught = different.filter(({ hashes }) => list.find(hashes) !== undefined);
  const unrecognisable = different.filter(({ hashes }) => !isRecognisable(hashes)).length;
  process.stdout.write(
    `different pictures: ${caught.length} of ${different.length} caught (${unrecognisable} of them plain)\n`,
  );
  expect(different).toHaveLength(1000);
  expect(caught.map(({ picture }) => picture.kind)).toEqual([]);
});

test('a picture with next to nothing in it catches no other', async () => {
  const grey: TestPicture = { kind: 'grey', width: 64, height: 64, rgb: new Uint8Array(64 * 64 * 3).fill(120) };
  const unrecognisable = [...plain, { picture: grey, hashes: await hashesOf(grey) }];
  expect(unrecognisable.map(({ hashes }) => isRecognisable(hashes))).not.toContain(true);
  const taken = unrecognisable.flatMap(({ picture, hashes }) =>
    different.filter((other) => isCopy(hashes, other.hashes)).map((other) => `${picture.kind}: ${other.picture.kind}`),
  );
  expect(taken).toEqual([]);
});

describe('a list of hashes', () => {
  test('finds, replaces and forgets', () => {
    const [one, other] = removed;
    if (one === undefined || other === undefined) throw new Error('No pictures.');
    const list = new HashList<string>();
    list.add('a', one.hashes);
    expect(list.find(one.hashes)).toBe('a');
    expect(list.find(other.hashes)).toBeUndefined();
    list.add('a', other.hashes);
    expect(list.size).toBe(1);
    expect(list.find(one.hashes)).toBeUndefined();
    expect(list.remove('a')).toBe(true);
    expect(list.remove('a')).toBe(false);
    expect(list.find(other.hashes)).toBeUndefined();
  });

  test('goes through text and comes back the same', () => {
    const all = removed.map(({ hashes }) => hashes);
    expect(importHashes(exportHashes(all))).toEqual(all);
    expect(importHashes('\n\n')).toEqual([]);
  });

  test.each([
    ['no JSON', 'nonsense'],
    ['another version', (line: string) => line.replace('"cowbotHashes":1', '"cowbotHashes":2')],
    ['words cut off', (line: string) => line.replace(/"words":".{8}/u, '"words":"')],
    ['other keys', (line: string) => line.replace('{', '{"name":"x",')],
    ['other views', (line: string) => line.replace(/"wholes":./u, '"wholes":3')],
  ])('refuses a line with %s, and says which', (_, broken) => {
    const line = writeHashes(removed[0]?.hashes ?? { wholes: 1, words: new Uint32Array(0) });
    const bad = typeof broken === 'string' ? broken : broken(line);
    expect(() => readHashes(bad)).toThrow(expect.objectContaining({ code: 'hashes.line' }));
    expect(() => importHashes(`${line}\n${bad}\n`)).toThrow(
      expect.objectContaining({ code: 'hashes.line', details: { line: 2 } }),
    );
  });
});
