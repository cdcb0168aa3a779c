/** The text that image tools read back from a picture: prompt, negative prompt, then one line of settings. */

export type PaintedWith = {
  prompt: string;
  negativePrompt?: string;
  steps: number;
  sampler: string;
  cfgScale: number;
  seed: number;
  width: number;
  height: number;
  model: string;
  /** Further settings, in this order, after the usual ones. */
  more?: Readonly<Record<string, string | number>>;
};

/** No prompt is longer; whatever is, is not one. */
const maxPromptLength = 8000;

/**
 * The layout is the one of AUTOMATIC1111's web UI: the last line holds the settings, so neither prompt may contain a
 * line break.
 */
export function parametersText(painted: PaintedWith): string {
  const { prompt, negativePrompt = '', steps, sampler, cfgScale, seed, width, height, model, more = {} } = painted;
  const settings = {
    Steps: steps,
    Sampler: sampler,
    'CFG scale': cfgScale,
    Seed: seed,
    Size: `${width}x${height}`,
    Model: model,
    ...more,
  };
  const negative = oneLine(negativePrompt);
  return [
    oneLine(prompt),
    ...(negative === '' ? [] : [`Negative prompt: ${negative}`]),
    Object.entries(settings)
      .map(([name, value]) => `${name}: ${quoted(oneLine(String(value)))}`)
      .join(', '),
  ].join('\n');
}

/** Zero bytes end a text in PNG, other control characters mean nothing in one. */
function oneLine(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, maxPromptLength)
    .toWellFormed();
}

/** A value with the separators in it is written as JSON, as the readers of this text expect. */
function quoted(value: string): string {
  return /[,:"]/.test(value) ? JSON.stringify(value) : value;
}

/** Reads {@link parametersText} back; a text of another tool gives whatever can be recognised. */
export function readParametersText(text: string): { prompt: string; settings: ReadonlyMap<string, string> } {
  const lines = text.split('\n');
  const settings = [...(lines.at(-1) ?? '').matchAll(/([A-Z][\w ]*): ("(?:[^"\\]|\\.)*"|[^,]+)(?:, |$)/g)];
  const negative = lines.findLastIndex((line) => line.startsWith('Negative prompt: '));
  return {
    prompt: lines.slice(0, negative === -1 ? -1 : negative).join('\n'),
    settings: new Map(settings.map(([, name, value]) => [name, unquoted(value)])),
  };
}

function unquoted(value: string): string {
  if (!value.startsWith('"')) return value;
  const text: unknown = JSON.parse(value);
  return String(text);
}
