/** `npm run bench -- NAME [flags]`: measurements that print a table or, with `--json`, one JSON object a line. */
import { benchmarks } from './list.ts';

// `npm run bench -- crash -- --jobs 1000` hands the second `--` on as well.
const [name, ...flags] = process.argv.slice(2).filter((argument) => argument !== '--');
const isQuestion = process.argv.includes('--help');
const benchmark = benchmarks.find((known) => known.name === name);
if (benchmark === undefined || isQuestion) {
  const usage = [
    'Usage: npm run bench -- NAME [--json]',
    ...benchmarks.map(({ name, about }) => `  ${name.padEnd(18)}${about}`),
  ].join('\n');
  if (isQuestion) console.log(usage);
  else console.error(usage);
  process.exitCode = isQuestion ? 0 : 2;
} else await benchmark.run(flags);
