/**
 * How a picture was made, in the text that image tools read: the prompt, then `Negative prompt: …`, then one line of
 * `Name: value` pairs. Names that other tools know come first, ours after them.
 */
import type { EngineResult, PaintedPicture } from '../engine/request.ts';
import type { PictureWish } from './wish.ts';

export function writeParametersText(wish: PictureWish, result: EngineResult, picture: PaintedPicture): string {
  const { parameters, model } = result;
  const settings: readonly (readonly [string, string | number | undefined])[] = [
    ['Steps', parameters.steps],
    ['Sampler', 'COW DDIM'],
    ['CFG scale', parameters.guidance],
    ['Seed', picture.seed],
    ['Size', `${picture.width}x${picture.height}`],
    ['Model', model.name],
    ['Model hash', model.fingerprint],
    ['COW preset', wish.preset ?? 'paper'],
    ['COW cycles', parameters.cycles],
    ['COW balance', wish.balance],
    ['COW keep', wish.photos.map(({ keep }) => keep).join('+') || undefined],
  ];
  const line = settings.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`])).join(', ');
  return `${wish.prompt}\nNegative prompt: ${parameters.negativePrompt}\n${line}`;
}

/** What of a wish can be read back from the text; enough to go on from a picture whose sidecar is lost. */
export function readParametersText(
  text: string,
): Pick<PictureWish, 'prompt' | 'seed' | 'width' | 'height' | 'preset' | 'balance'> {
  const lines = text.split('\n');
  const settings = new Map(
    [...(lines.at(-1) ?? '').matchAll(/([A-Z][\w ]*): ([^,]+)(?:, |$)/g)].map(([, name, value]) => [name, value]),
  );
  const negative = lines.findLastIndex((line) => line.startsWith('Negative prompt: '));
  const [, width, height] = /^(\d+)x(\d+)$/.exec(settings.get('Size') ?? '') ?? [];
  const balance = settings.get('COW balance');
  return {
    prompt: lines.slice(0, negative === -1 ? -1 : negative).join('\n'),
    seed: Number(settings.get('Seed') ?? 0),
    width: width === undefined ? undefined : Number(width),
    height: height === undefined ? undefined : Number(height),
    preset: settings.get('COW preset'),
    balance: balance === undefined ? undefined : Number(balance),
  };
}
