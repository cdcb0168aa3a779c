import { chatHostile } from '../../contracts/chat-hostile.ts';
import { openDiscordStage } from './stage.ts';

chatHostile(openDiscordStage);
