/** From an act to the command that answers it. The one entry of this room. */
import type { Act, Actor, Scene } from './contract/act.ts';
import type { Chat } from './contract/chat.ts';
import type { Services } from './services.ts';

/**
 * Does what an act asks for and answers it; refusals and failures are answers too, so that this never throws. Ends when
 * everything that belongs to the act is said and stored; the picture comes later, through the adapter's `deliver`.
 * Acts of one person may run at once; the same act twice (the same `requestId`) has one effect.
 */
export async function handle(act: Act, actor: Actor, scene: Scene, chat: Chat, services: Services): Promise<void> {
  void [act, actor, scene, chat, services];
}
