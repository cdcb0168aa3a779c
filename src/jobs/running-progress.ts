import { encodePreview } from '../painting/results.ts';
import type { JobProgress } from './adapter.ts';
import type { PaintingProgress } from './dispatcher/on-engine.ts';

/** What a placeholder is told of a picture that is being painted. A preview's file is made when somebody shows it. */
export function runningProgress(progress: PaintingProgress): Extract<JobProgress, { state: 'running' }> {
  const { phase, done, total, remainingMs, preview, previewCall: call = done } = progress;
  const numbers = { state: 'running', phase, done, total, remainingMs } as const;
  if (preview === undefined) return numbers;
  const { width: widthPx, height: heightPx } = preview;
  return { ...numbers, preview: { call, widthPx, heightPx, png: async () => encodePreview(preview) } };
}
