/** A program with an engine, for tests to kill: `parent.ts MODEL`. Prints `PID started` and then one phase a line. */
import { createEngineHost } from '../../../src/engine/process/host.ts';

const [, , modelDir = ''] = process.argv;
const host = createEngineHost({
  modelDir,
  device: 'cpu',
  threads: 1,
  onProcess: (event) => process.stdout.write(`${event.pid} ${event.kind}\n`),
});
await host.card();
process.stdout.write('loaded\n');
await host.generate(
  {
    prompt: 'a boat',
    seed: 1,
    seeds: [],
    width: 128,
    height: 128,
    parameters: { steps: 500 },
  },
  { onProgress: ({ phase, done }) => process.stdout.write(`${phase} ${done}\n`) },
);
