/**
 * What the checks cost and what the hashes tell apart. `npm run bench -- moderation [--json]`: a line for each, or one
 * JSON object: what, with count, medianMs and p99Ms or with caught and of.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { createChecker } from '../src/moderation/checks/checker.ts';
import { createPromptChecker } from '../src/moderation/checks/prompt.ts';
import { isCopy, isRecognisable } from '../src/moderation/hashes/compare.ts';
import { describePicture, type PictureHashes } from '../src/moderation/hashes/describe.ts';
import { fingerprintWords } from '../src/moderation/hashes/fingerprint.ts';
import { HashList } from '../src/moderation/hashes/list.ts';
import { RemovedPictures, rememberRemoved } from '../src/moderation/removed.ts';
import { openStore } from '../src/store/store.ts';
import { copies, createPictures, type TestPicture } from '../test/moderation/pictures.ts';
import { measureCost } from './moderation-cost.ts';
import { promptGroups } from '../test/moderation/prompts.ts';

let asJson = false;

function print(row: Readonly<Record<string, string | number>>): void {
  if (asJson) console.log(JSON.stringify(row));
  else
    console.log(
      Object.entries(row)
        .map(([name, value]) => (name === 'what' ? value : `${name} ${value}`))
        .join('  '),
    );
}

function printTimes(what: string, timesMs: readonly number[]): void {
  const sorted = timesMs.toSorted((one, other) => one - other);
  const at = (share: number): number => Number((sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(3));
  print({ what, count: sorted.length, medianMs: at(0.5), p99Ms: at(0.99) });
}

async function timed(count: number, work: (index: number) => unknown): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const start = performance.now();
    await work(index);
    times.push(performance.now() - start);
  }
  return times;
}

async function benchPrompts(): Promise<void> {
  const built = await timed(5, () => createPromptChecker());
  printTimes('prompt checker built', built);
  const checker = createPromptChecker();
  const prompts = promptGroups.flatMap((group) => group.prompts);
  const options = { strictness: 'normal', photoShowsPerson: true } as const;
  for (const prompt of prompts) checker.check(prompt, options);
  printTimes(
    'prompt of the table',
    await timed(prompts.length, (index) => checker.check(prompts[index] ?? '', options)),
  );
  const long = prompts.join(', ').slice(0, 2000);
  printTimes('prompt of 2,000 letters', await timed(100, () => checker.check(long, options)));
}

async function benchPictures(): Promise<void> {
  const checker = createChecker();
  const { data, info } = await sharp('test/fixtures/photos/astronaut.png')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const picture = { width: info.width, height: info.height, rgb: new Uint8Array(data) };
  try {
    printTimes('picture check, first', await timed(1, () => checker.checkPicture(picture, { strictness: 'normal' })));
    printTimes('picture check', await timed(50, () => checker.checkPicture(picture, { strictness: 'normal' })));
  } finally {
    await checker.close();
  }
  await describePicture(picture.rgb, picture.width, picture.height);
  printTimes('picture described', await timed(100, () => describePicture(picture.rgb, picture.width, picture.height)));
}

async function benchHashes(): Promise<void> {
  const { removable, different } = await createPictures();
  const described: { picture: (typeof removable)[number]; hashes: PictureHashes }[] = [];
  for (const picture of removable) {
    const hashes = await describePicture(picture.rgb, picture.width, picture.height);
    if (isRecognisable(hashes) && described.length < 50) described.push({ picture, hashes });
  }
  const others = await benchLookedFor(described, different);
  let pairs = 0;
  for (const [index, one] of others.entries())
    for (const other of others.slice(index + 1)) if (isCopy(one, other)) pairs += 1;
  print({ what: 'pairs of different pictures', caught: pairs, of: (others.length * (others.length - 1)) / 2 });
  benchSearch(
    described.map(({ hashes }) => hashes),
    others,
  );
}

/** As photos and results are looked for: by the process of the checks, in the list of the store. */
async function benchLookedFor(
  described: readonly { readonly picture: TestPicture; readonly hashes: PictureHashes }[],
  different: readonly TestPicture[],
): Promise<readonly PictureHashes[]> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'cowbot-hashes-'));
  const store = await openStore({ dataDir, clock: Date.now, role: 'bot' });
  const checker = createChecker();
  try {
    const removed = new RemovedPictures(store);
    const all = described.map(({ hashes }) => hashes);
    await store.transaction(async (tx) => rememberRemoved(tx, all, { communityId: null, at: 1 }));
    for (const [name, copy] of Object.entries(copies)) {
      let caught = 0;
      for (const { picture } of described) {
        if (await removed.knows('farm', await checker.describe(await copy(picture)))) caught += 1;
      }
      print({ what: `copies: ${name}`, caught, of: described.length });
    }
    const others: PictureHashes[] = [];
    let caught = 0;
    for (const picture of different) {
      const hashes = await checker.describe(picture);
      if (await removed.knows('farm', hashes)) caught += 1;
      others.push(hashes);
    }
    print({ what: 'different pictures', caught, of: others.length });
    return others;
  } finally {
    await checker.close();
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

function benchSearch(queries: readonly PictureHashes[], others: readonly PictureHashes[]): void {
  const list = new HashList<number>();
  for (let index = 0; index < 10_000; index += 1) {
    const hashes = others[index % others.length];
    // Ten times the same pictures, each time with other signs, so that no two entries are the same.
    if (hashes !== undefined)
      list.add(index, {
        wholes: hashes.wholes,
        words: hashes.words.map((word, place) =>
          place % fingerprintWords < 4 ? word ^ Math.imul(index, 2654435761) : word,
        ),
      });
  }
  const times: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    for (const query of queries) {
      const start = performance.now();
      list.find(query);
      times.push(performance.now() - start);
    }
  }
  printTimes('search in 10,000', times);
}

/** So many jobs with checks, and as many without. */
const pairs = 15;

async function benchJobs(): Promise<void> {
  for (const hasPhoto of [true, false]) {
    const { addedShare, ...times } = await measureCost(pairs, hasPhoto);
    const rounded = Object.entries(times).map(([name, value]) => [name, Math.round(value)] as const);
    const what = hasPhoto ? 'job with a photo' : 'job without a photo';
    print({ what, ...Object.fromEntries(rounded), addedPercent: Number((100 * addedShare).toFixed(1)) });
  }
}

export async function run({ json }: { readonly json: boolean }): Promise<void> {
  asJson = json;
  await benchPrompts();
  await benchPictures();
  await benchHashes();
  // Last: once a photo was read, sharp takes no drawings, of which the pictures above are.
  await benchJobs();
}
