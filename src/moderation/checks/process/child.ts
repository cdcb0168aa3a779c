/** The process of check-process.ts: answers one question after the other. Runs as a child only. */
import os from 'node:os';
import { describeSquare } from '../../hashes/describe.ts';
import { type CommunityWord, type CommunityWords, compileCommunityWords } from '../community-words.ts';
import { createPromptChecker, type PromptChecker } from '../prompt.ts';
import type { Classify } from './classifier.ts';
import type { Answer, Outcomes, Question, Task } from './messages.ts';

/** What is built once and kept, each at its first use: a process that checks prompts only loads no model. */
class Checks {
  readonly #communityWords = new Map<string, CommunityWords>();
  #classify: Promise<Classify> | undefined;
  #prompts: PromptChecker | undefined;

  async do(task: Task): Promise<Outcomes[Task['kind']]> {
    switch (task.kind) {
      case 'classify':
        return (await (this.#classify ??= loadClassifier()))(task.rgb);
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

/** A process that knows pictures again and reads prompts starts in a tenth of the time. */
async function loadClassifier(): Promise<Classify> {
  const classifier = await import('./classifier.ts');
  return classifier.loadClassifier();
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

try {
  // Whoever waits for an answer of the bot comes first, then whoever waits for a picture.
  os.setPriority(os.constants.priority.PRIORITY_LOW);
} catch {
  // Not allowed to: then all are equal.
}
// The channel closes when the owner ends, in whatever way: nobody is left to answer.
process.on('disconnect', () => process.exit());
const checks = new Checks();
let answered: Promise<unknown> = Promise.resolve();
process.on('message', (question: Question) => {
  answered = answered.then(async () => process.send?.(await answer(checks, question)));
});
