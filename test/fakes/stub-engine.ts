import { presets } from '../../src/engine/cow/parameters.ts';
import type { Engine, EngineCallOptions, EngineRequest, EngineResult, Progress } from '../../src/engine/request.ts';
import type { EngineSlot } from '../../src/jobs/engine-pool.ts';
import { stubCard } from './stub-card.ts';

const { canvasSize: sidePx } = stubCard;

interface Call {
  readonly request: EngineRequest;
  readonly onProgress: ((progress: Progress) => void) | undefined;
  readonly resolve: (result: EngineResult) => void;
  readonly reject: (reason: unknown) => void;
}

/** Of 8 by 8 latent cells. */
const greenPreview = { width: 8, height: 8, rgb: Uint8Array.from({ length: 192 }, (_, i) => (i % 3 === 1 ? 200 : 0)) };

/** An engine that paints when the test says so, one picture at a time. */
export class StubEngine implements Engine {
  /** Every request, the first one first. */
  readonly requests: EngineRequest[] = [];
  /** Paints by itself, at once; else when the test says `finish`, or `release`. */
  isQuick: boolean;
  /** Thrown by `probe` while it is set. */
  trouble: unknown;
  probes = 0;
  /** Engine time of a picture. */
  readonly #pictureMs: number;
  #call: Call | undefined;

  constructor({ pictureMs = 100, isQuick = false } = {}) {
    this.#pictureMs = pictureMs;
    this.isQuick = isQuick;
  }

  /** The prompt of what is being painted. */
  get painting(): string | undefined {
    return this.#call?.request.prompt;
  }

  get prompts(): readonly string[] {
    return this.requests.map(({ prompt }) => prompt);
  }

  slot(name = 'stub'): EngineSlot {
    return {
      name,
      engine: this,
      probe: async () => {
        this.probes += 1;
        if (this.trouble !== undefined) throw this.trouble;
      },
    };
  }

  async generate(request: EngineRequest, { signal, onProgress }: EngineCallOptions = {}): Promise<EngineResult> {
    signal?.throwIfAborted();
    if (this.#call !== undefined) throw new Error('Two pictures at once on one engine.');
    this.requests.push(request);
    onProgress?.({ phase: 'cycles', done: 1, total: 4, remainingMs: 1500 });
    if (request.previewEveryCalls !== undefined) {
      onProgress?.({ phase: 'cycles', done: 2, total: 4, remainingMs: 1000, preview: greenPreview });
    }
    if (this.isQuick) return this.#resultOf(request);
    const { promise, resolve, reject } = Promise.withResolvers<EngineResult>();
    this.#call = { request, onProgress, resolve, reject };
    const stop = (): void => reject(signal?.reason);
    signal?.addEventListener('abort', stop, { once: true });
    return promise.finally(() => {
      this.#call = undefined;
      signal?.removeEventListener('abort', stop);
    });
  }

  finish(): void {
    if (this.#call === undefined) throw new Error('Nothing is being painted.');
    this.#call.resolve(this.#resultOf(this.#call.request));
  }

  /** From now on pictures wait until `release`. */
  hold(): void {
    this.isQuick = false;
  }

  release(): void {
    this.isQuick = true;
    if (this.#call !== undefined) this.finish();
  }

  fail(error: unknown): void {
    if (this.#call === undefined) throw new Error('Nothing is being painted.');
    this.#call.reject(error);
  }

  progress(progress: Progress): void {
    this.#call?.onProgress?.(progress);
  }

  async close(): Promise<void> {}

  #resultOf({ seed, width = sidePx, height = sidePx }: EngineRequest): EngineResult {
    const rgb = Uint8Array.from({ length: width * height * 3 }, (_, i) => (seed + i) % 256);
    const latents = Float32Array.from({ length: (4 * width * height) / 64 }, (_, i) => seed + i / 4);
    return {
      pictures: [{ width, height, rgb, latents, seed }],
      parameters: presets.paper,
      model: { name: stubCard.name, fingerprint: stubCard.fingerprint },
      isRepeatable: true,
      cost: {},
      totalMs: this.#pictureMs,
    };
  }
}
