/** Model folders for tests: the recorded tiny models, and broken copies of them. */
import {
  copyFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export type TinyModel = 'tiny-sd21' | 'tiny-sd15' | 'tiny-sd21-old' | 'tiny-sd21-fp16';

export function tinyModel(name: TinyModel): string {
  return fileURLToPath(new URL(`../fixtures/recorded/models/${name}`, import.meta.url));
}

export const calf = fileURLToPath(new URL('../../models/calf', import.meta.url));

/** Folder for copies; `remove` ends it. */
export interface Workshop {
  /** A copy under a name of its own, its files linked: replace a file, never write into it. */
  copy(name: string, from?: TinyModel): ModelCopy;
  readonly dir: string;
  remove(): void;
}

export interface ModelCopy {
  readonly dir: string;
  remove(file: string): void;
  write(file: string, content: string | Uint8Array): void;
  /** Changes keys of a JSON file; `undefined` takes one away. */
  change(file: string, keys: Readonly<Record<string, unknown>>): void;
  /** Puts a network of `test/fixtures/graphs` in the place of another. */
  graph(network: string, graph: string): void;
  /** Copies a file of this folder or of another tiny model over one. */
  take(file: string, from: string): void;
}

export function createWorkshop(): Workshop {
  const root = mkdtempSync(path.join(tmpdir(), 'cowbot-models-'));
  return {
    dir: root,
    copy(name, from = 'tiny-sd21') {
      const dir = path.join(root, name);
      linkFolder(tinyModel(from), dir);
      return handle(dir);
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function handle(dir: string): ModelCopy {
  const at = (file: string): string => path.join(dir, file);
  const remove = (file: string): void => rmSync(at(file), { recursive: true, force: true });
  const write = (file: string, content: string | Uint8Array): void => {
    remove(file);
    mkdirSync(path.dirname(at(file)), { recursive: true });
    writeFileSync(at(file), content);
  };
  return {
    dir,
    remove,
    write,
    change: (file, keys) => write(file, JSON.stringify({ ...JSON.parse(readFileSync(at(file), 'utf8')), ...keys })),
    graph(network, graph) {
      remove(`${network}/model.onnx`);
      copyFileSync(new URL(`../fixtures/graphs/${graph}.onnx`, import.meta.url), at(`${network}/model.onnx`));
    },
    take(file, from) {
      remove(file);
      cpSync(path.isAbsolute(from) ? from : at(from), at(file));
    },
  };
}

/** Links where the file system can; a tiny model is 5 MB, and a table of broken folders would be many of them. */
function linkFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) linkFolder(source, target);
    else {
      try {
        linkSync(source, target);
      } catch {
        copyFileSync(source, target);
      }
    }
  }
}
