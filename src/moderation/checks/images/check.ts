/** The picture check: photos and results, by a classifier that may hold a picture for review and never refuses one. */
import sharp from 'sharp';
import { pictureHoldFrom } from '../thresholds.ts';
import { allow, type Strictness, type Verdict, verdictOf } from '../verdict.ts';
import { Classifier } from './classifier.ts';
import { classifiedSidePx, type Scores } from './messages.ts';

/** `rgb`: width * height * 3 bytes, 8 bit sRGB, row by row, no padding. */
export type CheckedPicture = { width: number; height: number; rgb: Uint8Array };

export type PictureChecker = {
  /**
   * `allow`, or `hold` with `picture.sexual`; `picture.unchecked` when the classifier died, hung or failed. With
   * strictness `off` nothing is looked at. The first check also loads the model (about a second).
   *
   * @throws the signal's reason.
   */
  check(picture: CheckedPicture, options: { strictness: Strictness; signal?: AbortSignal }): Promise<Verdict>;
  /** Of the classifier's process; `undefined` while none runs. */
  readonly pid: number | undefined;
  /** Ends the process; checks under way end with `picture.unchecked`. */
  close(): Promise<void>;
};

export type PictureCheckerOptions = {
  /** How long the classifier may say nothing while pictures wait. */
  silenceMs?: number;
  /** Called with what went wrong when a picture could not be checked. */
  onFault?: (cause: unknown) => void;
};

export function createPictureChecker({ silenceMs = 20_000, onFault }: PictureCheckerOptions = {}): PictureChecker {
  const classifier = new Classifier(silenceMs);
  return {
    async check(picture, { strictness, signal }) {
      if (strictness === 'off') return allow;
      try {
        return verdictOn(await classifier.ask(await shrink(picture), signal), strictness);
      } catch (cause) {
        signal?.throwIfAborted();
        onFault?.(cause);
        return verdictOf('hold', 'picture.unchecked');
      }
    },
    get pid() {
      return classifier.pid;
    },
    close: () => classifier.close(),
  };
}

export function verdictOn({ porn, hentai, sexy }: Scores, strictness: Exclude<Strictness, 'off'>): Verdict {
  const from = pictureHoldFrom[strictness];
  const explicit = porn + hentai;
  const holds = explicit >= from.explicit || explicit + sexy >= from.sexual;
  return verdictOf(holds ? 'hold' : 'allow', 'picture.sexual');
}

/** Stretched to the square that the classifier was trained on. */
async function shrink({ width, height, rgb }: CheckedPicture): Promise<Uint8Array> {
  const raw = { width, height, channels: 3 } as const;
  const square = await sharp(rgb, { raw }).resize(classifiedSidePx, classifiedSidePx, { fit: 'fill' }).raw().toBuffer();
  return new Uint8Array(square);
}
