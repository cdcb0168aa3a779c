/** Finding faces, on a thread of its own: a search takes about half a second, during which nothing else may wait. */
import { Worker } from 'node:worker_threads';
import sharp from 'sharp';
import { Fault } from '../errors.ts';
import type { Box, Picture, Size } from './picture.ts';

export type Point = { x: number; y: number };

/**
 * In pixels of the photo. `landmarks` are the 68 points of the iBUG 300-W scheme: 0-16 jaw from ear to ear over the
 * chin (8), 17-26 brows, 27-35 nose, 36-47 eyes, 48-67 mouth. Box and landmarks may reach a little over the photo's
 * edge. `score` is from 0 to 1.
 */
export type Face = { box: Box; landmarks: Point[]; score: number };

/** To the thread, `face-worker.ts`. */
export type FaceQuestion = Picture & { id: number; minScore: number };

/** In pixels of the picture asked about. */
export type FaceAnswer = { id: number } & ({ faces: Face[] } | { failure: string });

export type FaceFinder = {
  /**
   * All faces, the largest first; none is an empty list. The first search also loads the models (about half a second).
   *
   * @throws Fault when the thread dies or does not answer in time (`mayPass`: the next search gets a fresh one).
   * @throws the signal's reason.
   */
  find(photo: Picture, options?: { signal?: AbortSignal }): Promise<Face[]>;
  /** Ends the thread; searches under way fail. */
  close(): Promise<void>;
};

export type FaceFinderOptions = {
  /** From 0 to 1; a detection below it is no face. */
  minScore?: number;
  /** Longest side of the copy that is searched. */
  searchSidePx?: number;
  /** For one search, its wait for those before it included. */
  timeoutMs?: number;
};

/** The thread starts with the first search, stays warm, and never keeps the process alive by itself. */
export function createFaceFinder(options: FaceFinderOptions = {}): FaceFinder {
  return new ThreadedFaceFinder({ minScore: 0.5, searchSidePx: 1024, timeoutMs: 60_000, ...options });
}

type Waiting = { resolve: (faces: Face[]) => void; reject: (reason: unknown) => void };

class ThreadedFaceFinder implements FaceFinder {
  readonly #options: Required<FaceFinderOptions>;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #asked = 0;
  #closed = false;

  constructor(options: Required<FaceFinderOptions>) {
    this.#options = options;
  }

  async find(photo: Picture, { signal }: { signal?: AbortSignal } = {}): Promise<Face[]> {
    signal?.throwIfAborted();
    const copy = await shrink(photo, this.#options.searchSidePx);
    const found = await this.#ask(copy, signal);
    const faces = found.map((face) => enlarge(face, photo.width / copy.width, photo.height / copy.height));
    return faces.sort((one, other) => area(other.box) - area(one.box));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#drop(new Fault('The face finder was closed during a search.'));
  }

  async #ask({ rgb, ...size }: SearchCopy, signal: AbortSignal | undefined): Promise<Face[]> {
    signal?.throwIfAborted();
    if (this.#closed) throw new Fault('The face finder is closed.');
    const { promise, resolve, reject } = Promise.withResolvers<Face[]>();
    const { minScore, timeoutMs } = this.#options;
    const id = (this.#asked += 1);
    this.#waiting.set(id, { resolve, reject });
    const abort = (): void => reject(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    const timer = setTimeout(() => {
      void this.#drop(new Fault(`A search for faces took longer than ${timeoutMs} ms.`, { mayPass: true }));
    }, timeoutMs);
    const worker = (this.#worker ??= this.#start());
    worker.ref();
    worker.postMessage({ id, ...size, rgb, minScore } satisfies FaceQuestion, [rgb.buffer]);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) this.#worker?.unref();
    }
  }

  #start(): Worker {
    // Its output is taken away and left unread: tfjs greets on standard output, where results belong, and a reader would
    // keep the process alive. Flags of the process, such as --input-type, are not for it.
    const worker = new Worker(new URL('face-worker.ts', import.meta.url), { stdout: true, stderr: true, execArgv: [] });
    const lose = (cause: unknown): void => {
      if (this.#worker !== worker) return;
      void this.#drop(new Fault('The thread that finds faces died.', { cause, mayPass: true }));
    };
    worker.on('message', (answer: FaceAnswer) => this.#hear(answer));
    worker.on('error', lose);
    worker.on('exit', lose);
    return worker;
  }

  /** An answer that nobody waits for any more belongs to an aborted search. */
  #hear(answer: FaceAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    if ('faces' in answer) waiting?.resolve(answer.faces);
    else waiting?.reject(new Fault('The search for faces failed.', { cause: answer.failure }));
  }

  /** Gives the thread up together with everybody who waits for it. */
  async #drop(reason: Fault): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(reason);
    await worker?.terminate();
  }
}

/** Owns its memory, which is handed over to the thread. */
type SearchCopy = Size & { rgb: Uint8Array<ArrayBuffer> };

async function shrink(photo: Picture, maxSidePx: number): Promise<SearchCopy> {
  const { data, info } = await sharp(photo.rgb, { raw: { width: photo.width, height: photo.height, channels: 3 } })
    .resize({ width: maxSidePx, height: maxSidePx, fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, rgb: new Uint8Array(data) };
}

function enlarge({ box, landmarks, score }: Face, byX: number, byY: number): Face {
  return {
    box: { left: box.left * byX, top: box.top * byY, width: box.width * byX, height: box.height * byY },
    landmarks: landmarks.map(({ x, y }) => ({ x: x * byX, y: y * byY })),
    score,
  };
}

function area({ width, height }: Box): number {
  return width * height;
}
