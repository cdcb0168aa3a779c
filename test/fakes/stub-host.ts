import { createEngineHost, type EngineHost, type EngineHostOptions } from '../../src/engine/process/host.ts';

/** The stand-in engine in a process of its own. @param pictureMs engine time of a picture. */
export function createStubHost(pictureMs: number, options: Pick<EngineHostOptions, 'onProcess'> = {}): EngineHost {
  return createEngineHost({
    modelDir: `stub-${pictureMs}`,
    device: 'cpu',
    program: new URL('engine-process.ts', import.meta.url),
    backoffMs: 5,
    maxBackoffMs: 20,
    ...options,
  });
}
