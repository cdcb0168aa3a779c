/** How a picture was made, for the `parameters` text of image tools, and the way back. */
import type { EngineResult, PaintedPicture } from '../engine/request.ts';
import { parametersText, readParametersText } from '../photo/parameters.ts';
import type { PictureWish } from './wish.ts';

export function describePainting(wish: PictureWish, result: EngineResult, picture: PaintedPicture): string {
  const { parameters, model } = result;
  return parametersText({
    prompt: wish.prompt,
    negativePrompt: parameters.negativePrompt,
    steps: parameters.steps,
    sampler: 'COW DDIM',
    cfgScale: parameters.guidance,
    seed: picture.seed,
    width: picture.width,
    height: picture.height,
    model: model.name,
    more: {
      'Model hash': model.fingerprint,
      'COW preset': wish.preset ?? 'paper',
      'COW cycles': parameters.cycles,
      ...(wish.balance === undefined ? {} : { 'COW balance': wish.balance }),
    },
  });
}

/** What of a wish can be read back; enough to go on from a picture whose sidecar is lost. */
export function wishFromText(
  text: string,
): Pick<PictureWish, 'prompt' | 'seed' | 'width' | 'height' | 'preset' | 'balance'> {
  const { prompt, settings } = readParametersText(text);
  const [, width, height] = /^(\d+)x(\d+)$/.exec(settings.get('Size') ?? '') ?? [];
  const number = (value: string | undefined): number | undefined => (value === undefined ? undefined : Number(value));
  return {
    prompt,
    seed: number(settings.get('Seed')) ?? 0,
    width: number(width),
    height: number(height),
    preset: settings.get('COW preset'),
    balance: number(settings.get('COW balance')),
  };
}
