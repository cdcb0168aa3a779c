/**
 * Checks one picture and prints the classifier's process id; then stays, or with `end` has nothing more to do, or with
 * `close` closes the checker and says so.
 */
import { createChecker } from '../../src/moderation/checks/checker.ts';

const checker = createChecker();
await checker.checkPicture({ width: 8, height: 8, rgb: new Uint8Array(8 * 8 * 3) }, { strictness: 'normal' });
process.stdout.write(`${checker.pid}\n`);
if (process.argv[2] === undefined) setInterval(() => undefined, 1000);
if (process.argv[2] === 'close') {
  await checker.close();
  process.stdout.write('closed\n');
}
