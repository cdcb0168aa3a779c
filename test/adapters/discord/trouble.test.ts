import { chatTrouble } from '../../contracts/chat-trouble.ts';
import { openDiscordStage } from './stage.ts';

chatTrouble(openDiscordStage);
