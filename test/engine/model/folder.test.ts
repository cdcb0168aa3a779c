import { readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { readModelFolder } from '../../../src/engine/model/folder.ts';
import { loadModel } from '../../../src/engine/model/load.ts';
import { calf, createWorkshop, tinyModel, type ModelCopy } from '../model-folders.ts';
import { laterRefusalOf } from '../refusals.ts';

const workshop = createWorkshop();
afterAll(() => workshop.remove());

const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:0123456789abcdef\nsize 1841240\n';

/** What is broken, and the words of the sentence that must name it. */
const broken: readonly (readonly [string, (model: ModelCopy) => void, RegExp])[] = [
  ['no unet', (m) => m.remove('unet/model.onnx'), /^- unet\/model\.onnx is missing$/m],
  ['no text encoder folder', (m) => m.remove('text_encoder'), /^- text_encoder\/model\.onnx is missing$/m],
  ['no encoder', (m) => m.remove('vae_encoder/model.onnx'), /^- vae_encoder\/model\.onnx is missing$/m],
  ['no decoder', (m) => m.remove('vae_decoder/model.onnx'), /^- vae_decoder\/model\.onnx is missing$/m],
  ['an empty unet', (m) => m.write('unet/model.onnx', ''), /^- unet\/model\.onnx is empty$/m],
  [
    'a folder where the unet should be',
    (m) => {
      m.remove('unet/model.onnx');
      m.write('unet/model.onnx/part', 'x');
    },
    /^- unet\/model\.onnx is no file$/m,
  ],
  [
    'a link to nowhere',
    (m) => {
      m.remove('unet/model.onnx');
      symlinkSync(path.join(m.dir, 'nowhere'), path.join(m.dir, 'unet/model.onnx'));
    },
    /^- unet\/model\.onnx is missing$/m,
  ],
  [
    'an LFS pointer',
    (m) => m.write('unet/model.onnx', pointer),
    /unet\/model\.onnx is a Git LFS pointer.*git lfs pull/,
  ],
  ['a truncated unet', truncate('unet'), /^unet\/model\.onnx does not load on cpu: /],
  ['a truncated text encoder', truncate('text_encoder'), /^text_encoder\/model\.onnx does not load on cpu: /],
  ['garbage', (m) => m.write('vae_decoder/model.onnx', 'x'.repeat(5000)), /^vae_decoder\/model\.onnx does not load/],
  ['a web page', (m) => m.write('unet/model.onnx', '<!DOCTYPE html>'.repeat(99)), /^unet\/model\.onnx does not load/],
  ['no unet config', (m) => m.remove('unet/config.json'), /^- unet\/config\.json is missing$/m],
  ['no decoder config', (m) => m.remove('vae_decoder/config.json'), /^- vae_decoder\/config\.json is missing$/m],
  ['no scheduler', (m) => m.remove('scheduler'), /^- scheduler\/scheduler_config\.json is missing$/m],
  ['no model index', (m) => m.remove('model_index.json'), /^- model_index\.json is missing$/m],
  ['no JSON', (m) => m.write('unet/config.json', '{"in_channels": 4,'), /^- unet\/config\.json is not JSON$/m],
  ['a list for a config', (m) => m.write('unet/config.json', '[]'), /^- unet\/config\.json: the file: /m],
  [
    'an empty config',
    (m) => m.write('vae_decoder/config.json', '{}'),
    /vae_decoder\/config\.json: block_out_channels: /,
  ],
  [
    'channels in words',
    (m) => m.change('unet/config.json', { in_channels: 'four' }),
    /unet\/config\.json: in_channels: /,
  ],
  ['no channels', (m) => m.change('unet/config.json', { in_channels: undefined }), /unet\/config\.json: in_channels: /],
  ['half a sample', (m) => m.change('unet/config.json', { sample_size: 0.5 }), /unet\/config\.json: sample_size: /],
  [
    'an inpainting model',
    (m) => m.change('unet/config.json', { in_channels: 9 }),
    /unet\/config\.json takes 9 channels and the autoencoder makes 4 \(an inpainting/,
  ],
  [
    'a scaling factor of nothing',
    (m) => m.change('vae_decoder/config.json', { scaling_factor: 0 }),
    /vae_decoder\/config\.json: scaling_factor: /,
  ],
  [
    'an unknown prediction type',
    (m) => m.change('scheduler/scheduler_config.json', { prediction_type: 'sample' }),
    /scheduler_config\.json: prediction_type: .*epsilon.*v_prediction/,
  ],
  [
    'zero-SNR betas',
    (m) => m.change('scheduler/scheduler_config.json', { rescale_betas_zero_snr: true }),
    /scheduler_config\.json: rescale_betas_zero_snr: /,
  ],
  [
    'an unknown beta schedule',
    (m) => m.change('scheduler/scheduler_config.json', { beta_schedule: 'sigmoid' }),
    /scheduler_config\.json: beta_schedule: .*scaled_linear/,
  ],
  [
    'trained betas in words',
    (m) => m.change('scheduler/scheduler_config.json', { trained_betas: ['a', 'b'] }),
    /scheduler_config\.json: trained_betas/,
  ],
  [
    'trained betas beyond 1',
    (m) => m.change('scheduler/scheduler_config.json', { trained_betas: [2, 2] }),
    /^Expected every beta of the noise schedule between 0 and 1, got 2\.$/,
  ],
  [
    'betas that leave no signal',
    (m) => m.change('scheduler/scheduler_config.json', { beta_start: 0.9, beta_end: 0.95 }),
    /^Expected betas that lead from a clean picture/,
  ],
  ['no vocabulary', (m) => m.remove('tokenizer/vocab.json'), /^- tokenizer\/vocab\.json is missing \(and there is no/m],
  ['no merges', (m) => m.remove('tokenizer/merges.txt'), /^- tokenizer\/merges\.txt is missing/m],
  ['a vocabulary in words', (m) => m.write('tokenizer/vocab.json', '{"a": "b"}'), /do not describe a CLIP tokenizer/],
  [
    'a vocabulary of another model',
    (m) => m.write('tokenizer/vocab.json', '{"a": 1}'),
    /has no token <\|startoftext\|>/,
  ],
  ['a tokenizer.json of nothing', (m) => m.write('tokenizer/tokenizer.json', '{}'), /do not describe a CLIP tokenizer/],
  [
    'a tokenizer.json of an unknown kind',
    (m) =>
      m.write(
        'tokenizer/tokenizer.json',
        JSON.stringify({
          model: { type: 'Sentences', vocab: { '<|startoftext|>': 0, '<|endoftext|>': 1, '!': 2 } },
        }),
      ),
    /do not describe a CLIP tokenizer/,
  ],
  [
    'a pad token that is no token',
    (m) => m.change('tokenizer/tokenizer_config.json', { pad_token: '<nothing>' }),
    /has no token <nothing>/,
  ],
  [
    'room for no word',
    (m) => m.change('tokenizer/tokenizer_config.json', { model_max_length: 2 }),
    /tokenizer_config\.json: model_max_length: /,
  ],
  ['SDXL by its second encoder', (m) => m.write('text_encoder_2/model.onnx', 'x'), /makes this an SDXL model/],
  ['SDXL by its inputs', (m) => m.graph('unet', 'unet-sdxl'), /^- unet: input text_embeds is unknown \(an SDXL model/m],
  ['an LCM', (m) => m.graph('unet', 'unet-lcm'), /^- unet: input timestep_cond is unknown \(a latent consistency/m],
  ['double precision', (m) => m.graph('unet', 'unet-double'), /^- unet: input sample is float64/m],
  [
    'networks that traded places',
    (m) => {
      m.write('spare', readFileSync(path.join(m.dir, 'vae_decoder/model.onnx')));
      m.take('vae_decoder/model.onnx', 'vae_encoder/model.onnx');
      m.take('vae_encoder/model.onnx', 'spare');
    },
    /^- vae_encoder: input sample is missing\n- vae_encoder: input latent_sample is unknown/m,
  ],
  [
    'a text encoder for a unet',
    (m) => m.take('unet/model.onnx', 'text_encoder/model.onnx'),
    /^- unet: input sample is missing$/m,
  ],
  [
    'a text encoder of another width',
    (m) => m.take('text_encoder/model.onnx', path.join(calf, 'text_encoder/model.onnx')),
    /unet attends to embeddings 32 wide and the text encoder makes them \d+ wide/,
  ],
  ['a cowbot.json that is no JSON', (m) => m.write('cowbot.json', 'guidance: 1'), /^- cowbot\.json is not JSON$/m],
  [
    'a recommendation beyond reason',
    (m) => m.write('cowbot.json', '{"recommended": {"guidance": -3}}'),
    /^- cowbot\.json: recommended\.guidance: /m,
  ],
  [
    'a size that splits a latent cell',
    (m) => m.write('cowbot.json', '{"sizeMultiple": 12}'),
    /^- cowbot\.json: sizeMultiple 12 does not divide by the 8 pixels of a latent cell$/m,
  ],
];

function truncate(network: string): (model: ModelCopy) => void {
  return (model) => {
    const whole = readFileSync(path.join(model.dir, network, 'model.onnx'));
    model.write(`${network}/model.onnx`, whole.subarray(0, whole.length / 2));
  };
}

describe('a broken folder', () => {
  it.each(broken)('%s is named', async (name, breakIt, words) => {
    const model = workshop.copy(name.replaceAll(/\W/g, '-'));
    breakIt(model);
    const refusal = await laterRefusalOf(loadModel(model.dir, { device: 'cpu', threads: 1 }));
    expect(refusal.message).toMatch(words);
    expect(refusal.code).toMatch(/^model\./);
    // People read it: no paths of the machine.
    expect(refusal.message).not.toContain(workshop.dir);
  });

  it('has its own sentence for each', () => {
    expect(broken.length).toBeGreaterThanOrEqual(25);
  });

  it('is told in one list', async () => {
    const model = workshop.copy('several');
    model.remove('unet/model.onnx');
    model.write('scheduler/scheduler_config.json', 'no');
    model.remove('tokenizer/merges.txt');
    model.change('vae_decoder/config.json', { latent_channels: 16 });
    const { message, details } = await laterRefusalOf(readModelFolder(model.dir));
    expect(message.split('\n')).toEqual([
      'The model folder several cannot be used:',
      '- unet/model.onnx is missing',
      '- scheduler/scheduler_config.json is not JSON',
      '- tokenizer/merges.txt is missing (and there is no tokenizer.json)',
      '- unet/config.json takes 4 channels and the autoencoder makes 16 (an inpainting or upscaling model?)',
    ]);
    expect(details).toEqual({ problems: 4 });
  });

  it.each(['nowhere', 'file'])('%s is no folder', async (name) => {
    const model = workshop.copy(`holds-${name}`);
    model.write('file', 'x');
    const { code } = await laterRefusalOf(readModelFolder(path.join(model.dir, name)));
    expect(code).toBe('model.missing');
  });
});

describe('a folder', () => {
  it('says what its files say, not what it is called', async () => {
    const { dir } = workshop.copy('stable-diffusion-xl-inpainting-v-prediction');
    const folder = await readModelFolder(dir);
    expect(folder).toMatchObject({
      name: 'stable-diffusion-xl-inpainting-v-prediction',
      latentChannels: 4,
      embeddingWidth: 32,
      scalingFactor: 0.18215,
      factor: 8,
      sizeMultiple: 64,
      nativeSize: 512,
      schedule: { predictionType: 'epsilon', stepsOffset: 1, setAlphaToOne: false },
      tokenizer: { padToken: '!', maxLength: 77 },
      recommended: {},
    });
  });

  it('may name, recommend and license for itself', async () => {
    expect(await readModelFolder(calf)).toMatchObject({
      name: 'calf',
      licence: 'MIT',
      sizeMultiple: 32,
      recommended: { guidance: 1, size: 256, seedSize: 128 },
    });
  });

  it('finds the pad token in either file of the tokenizer', async () => {
    const { tokenizer } = await readModelFolder(tinyModel('tiny-sd15'));
    expect(tokenizer.padToken).toBe('<|endoftext|>');
    const model = workshop.copy('pad-in-map');
    model.change('tokenizer/tokenizer_config.json', { pad_token: undefined });
    model.write('tokenizer/special_tokens_map.json', JSON.stringify({ pad_token: { content: '!' } }));
    expect((await readModelFolder(model.dir)).tokenizer.padToken).toBe('!');
    model.write('tokenizer/special_tokens_map.json', '{}');
    expect((await readModelFolder(model.dir)).tokenizer.padToken).toBe('<|endoftext|>');
  });

  it('takes "no limit" for the length of a text', async () => {
    const model = workshop.copy('no-limit');
    model.change('tokenizer/tokenizer_config.json', { model_max_length: 1e30 });
    expect((await readModelFolder(model.dir)).tokenizer.maxLength).toBe(77);
  });

  it('is told from another by its networks and its schedule', async () => {
    const fingerprints = new Set<string>();
    const models = [
      workshop.copy('same'),
      workshop.copy('same-again'),
      workshop.copy('other', 'tiny-sd15'),
      workshop.copy('other-schedule'),
    ];
    models[3]?.change('scheduler/scheduler_config.json', { beta_end: 0.013 });
    for (const { dir } of models) {
      const model = await loadModel(dir, { device: 'cpu', threads: 1 });
      fingerprints.add(model.fingerprint);
      await model.close();
    }
    expect(fingerprints.size).toBe(3);
  });
});
