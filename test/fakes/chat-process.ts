/** The small chat in a process of its own: prints its address, ends with its parent. */
import { startChat } from './chat.ts';

const { origin } = await startChat();
process.stdout.write(`${origin}\n`);
process.stdin.resume().on('end', () => process.exit(0));
