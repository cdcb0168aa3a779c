import cliProgress from 'cli-progress';

import type { Phase, Progress } from '../engine/request.ts';

export interface ProgressBar {
  show(progress: Progress): void;
  stop(): void;
}

const phaseNames: Readonly<Record<Phase, string>> = {
  load: 'loading the model',
  text: 'reading the prompt',
  encode: 'looking at the photo',
  invert: 'inverting',
  cycles: 'painting in cycles',
  final: 'finishing',
  decode: 'developing',
};

/** A bar on a terminal's stderr; nothing where stderr is no terminal. */
export function createProgressBar(): ProgressBar {
  if (!process.stderr.isTTY) return { show() {}, stop() {} };
  const bar = new cliProgress.SingleBar({
    format: '{bar} {value}/{total}  {phase}  {left}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
    stream: process.stderr,
    // Ctrl-C is the command's to handle.
    gracefulExit: false,
  });
  let isStarted = false;
  return {
    show({ phase, done, total, remainingMs }) {
      const payload = {
        phase: phaseNames[phase],
        left: remainingMs === undefined ? '' : `${Math.ceil(remainingMs / 1000)} s left`,
      };
      if (isStarted) {
        bar.setTotal(Math.max(1, total));
        bar.update(done, payload);
      } else {
        isStarted = true;
        bar.start(Math.max(1, total), done, payload);
      }
    },
    stop() {
      if (isStarted) bar.stop();
    },
  };
}
