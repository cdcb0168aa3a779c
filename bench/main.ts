import { parseArgs } from 'node:util';

type Bench = { run(options: { json: boolean }): Promise<void> };

const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  fairness: () => import('./fairness.ts'),
  queue: () => import('./queue.ts'),
};

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const bench = benches[positionals[0] ?? ''];
if (bench === undefined) {
  console.error(`Expected one of ${Object.keys(benches).join(', ')}: npm run bench -- NAME [--json]`);
  process.exitCode = 2;
} else {
  await (await bench()).run({ json: values.json });
}
