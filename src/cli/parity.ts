import type { Command } from 'commander';

import { loadModel, type LoadedModel } from '../engine/model/load.ts';
import { parseDevice } from '../engine/runtime.ts';
import { findModelOf, readCase } from '../parity/recorded-case.ts';
import { replay, type Replay, type ReplayFrom } from '../parity/replay.ts';
import { Refusal } from '../errors.ts';
import { printJson } from './output.ts';

/** What counts as the same: the loop's own rounding, and the autoencoder's float32 error on flat grey on top of it. */
const tolerances = { latents: 1e-3, photo: 5e-3, minPsnrDb: 50 } as const;

interface ParityFlags {
  readonly model?: string;
  readonly from?: string;
  readonly device: string;
  readonly json?: true;
}

/** `cowbot parity CASE…`: how far our pictures are from the authors', one line a case. */
export function addParityCommand(program: Command): void {
  program
    .command('parity')
    .description("replay recorded runs of the authors' pipeline and say how far every intermediate is from theirs")
    .argument('<case...>', 'folders with a case.json')
    .option(
      '--model <dir>',
      "model folder; the case's own by its name in a models folder beside the cases where absent",
    )
    .option('--from <start>', 'latents or photo; both where absent')
    .option('--device <name>', 'device to run on', 'cpu')
    .option('--json', 'one JSON object a line')
    .addHelpText(
      'after',
      '\nExit status 1 where a case is beyond 1e-3 from its latents, 5e-3 from its photo, or below 50 dB.',
    )
    .action(async (cases: string[], flags: ParityFlags) => {
      const starts = parseStarts(flags.from);
      let isWithin = true;
      for (const dir of cases) {
        for await (const result of replayCase(dir, starts, flags)) {
          isWithin &&= isWithinTolerance(result);
          if (flags.json) printJson(result);
          else console.log(lineOf(result));
        }
      }
      if (!isWithin) process.exitCode = 1;
    });
}

function parseStarts(from: string | undefined): ReplayFrom[] {
  if (from === undefined) return ['latents', 'photo'];
  if (from === 'latents' || from === 'photo') return [from];
  throw new Refusal('parity.from', `Expected latents or photo for \`from\`, got "${from}".`);
}

async function* replayCase(dir: string, starts: readonly ReplayFrom[], flags: ParityFlags): AsyncGenerator<Replay> {
  const recorded = await readCase(dir);
  const model = await loadModel(flags.model ?? findModelOf(recorded), { device: parseDevice(flags.device) });
  try {
    for (const from of starts) {
      if (from === 'photo' && cannotRepeatEncoding(model)) {
        console.error(
          `${recorded.manifest.case}: not from the photo, for ${model.folder.name}'s encoder draws noise of its own.`,
        );
      } else yield await replay(recorded, model, from);
    }
  } finally {
    await model.close();
  }
}

function cannotRepeatEncoding({ networks }: LoadedModel): boolean {
  return networks.samplesItself;
}

function isWithinTolerance({ from, finalMaxAbs, psnrDb }: Replay): boolean {
  return finalMaxAbs <= tolerances[from] && psnrDb >= tolerances.minPsnrDb;
}

function lineOf(result: Replay): string {
  const intermediates = Object.entries(result.maxAbs).map(([name, value]) => `${name} ${value.toExponential(1)}`);
  const verdict = isWithinTolerance(result) ? 'ok' : 'BEYOND';
  return [
    `${result.case} from ${result.from}: ${verdict}, final ${result.finalMaxAbs.toExponential(2)}`,
    `worst ${result.worstMaxAbs.toExponential(2)}`,
    `picture ${result.psnrDb.toFixed(1)} dB`,
    ...intermediates,
  ].join(', ');
}
