import { fileURLToPath } from 'node:url';

/** The folder of this checkout, wherever a command is started from. */
const root = new URL('../../', import.meta.url);

export const modelsDir = fileURLToPath(new URL('models', root));
export const demoPhoto = fileURLToPath(new URL('test/fixtures/photos/astronaut.png', root));
