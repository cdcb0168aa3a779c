/** `npm run bench -- NAME [flags]`: measurements that print a table or, with `--json`, one JSON object a line. */
import { benchmarks } from './list.ts';

// `npm run bench -- crash -- --jobs 1000` hands the second `--` on as well.
const [name, ...flags] = process.argv.slice(2).filter((argument) => argument !== '--');
const benchmark = benchmarks.find((known) => known.name === name);
if (benchmark === undefined) {
  console.error(
    [
      'Usage: npm run bench -- NAME [--json]',
      ...benchmarks.map(({ name, about }) => `  ${name.padEnd(12)}${about}`),
    ].join('\n'),
  );
  process.exitCode = 2;
} else await benchmark.run(flags);
