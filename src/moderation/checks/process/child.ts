/** The process of check-process.ts: answers one question after the other. Runs as a child only. */
import { createRequire } from 'node:module';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { load, type NSFWJS } from 'nsfwjs/core';
import { MobileNetV2MidModel } from 'nsfwjs/models/mobilenet_v2_mid';
import { describeSquare } from '../../hashes/describe.ts';
import { type CommunityWord, type CommunityWords, compileCommunityWords } from '../community-words.ts';
import { createPromptChecker, type PromptChecker } from '../prompt.ts';
import { type Answer, classifiedSidePx, type Outcomes, type Question, type Scores, type Task } from './messages.ts';

/** From the packages' own files; nothing is fetched. */
async function loadModel(): Promise<NSFWJS> {
  const wasm = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm');
  setWasmPaths(path.dirname(wasm) + path.sep);
  tf.enableProdMode();
  if (!(await tf.setBackend('wasm'))) throw new Error('The WebAssembly backend did not start.');
  return load('MobileNetV2Mid', { size: classifiedSidePx, modelDefinitions: [MobileNetV2MidModel] });
}

async function classify(model: NSFWJS, rgb: Uint8Array): Promise<Scores> {
  const pixels = tf.tensor3d(rgb, [classifiedSidePx, classifiedSidePx, 3], 'int32');
  try {
    const found = new Map((await model.classify(pixels)).map(({ className, probability }) => [className, probability]));
    const score = (name: Parameters<typeof found.get>[0]): number => found.get(name) ?? 0;
    return {
      drawing: score('Drawing'),
      hentai: score('Hentai'),
      neutral: score('Neutral'),
      porn: score('Porn'),
      sexy: score('Sexy'),
    };
  } finally {
    pixels.dispose();
  }
}

/** What is built once and kept, each at its first use: a process that checks prompts only loads no model. */
class Checks {
  readonly #communityWords = new Map<string, CommunityWords>();
  #model: Promise<NSFWJS> | undefined;
  #prompts: PromptChecker | undefined;

  async do(task: Task): Promise<Outcomes[Task['kind']]> {
    switch (task.kind) {
      case 'classify':
        return classify(await (this.#model ??= loadModel()), task.rgb);
      case 'describe':
        return describeSquare({ rgb: task.rgb });
      case 'prompt': {
        const { strictness, photoShowsPerson, words } = task.rules;
        this.#prompts ??= createPromptChecker();
        const communityWords = this.#compiled(words);
        return this.#prompts.check(task.prompt, { strictness, photoShowsPerson, communityWords });
      }
    }
  }

  #compiled(words: readonly CommunityWord[]): CommunityWords {
    const key = JSON.stringify(words);
    const known = this.#communityWords.get(key);
    if (known !== undefined) return known;
    const compiled = compileCommunityWords(words);
    if (this.#communityWords.size >= maxCompiled) this.#communityWords.clear();
    this.#communityWords.set(key, compiled);
    return compiled;
  }
}

/** Lists of words that are kept compiled. */
const maxCompiled = 100;

async function answer(checks: Checks, { id, task }: Question): Promise<Answer> {
  try {
    return { id, outcome: await checks.do(task) };
  } catch (cause) {
    return { id, failure: String(cause) };
  }
}

// The channel closes when the owner ends, in whatever way: nobody is left to answer.
process.on('disconnect', () => process.exit());
const checks = new Checks();
let answered: Promise<unknown> = Promise.resolve();
process.on('message', (question: Question) => {
  answered = answered.then(async () => process.send?.(await answer(checks, question)));
});
