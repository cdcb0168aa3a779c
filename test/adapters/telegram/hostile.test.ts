import { chatHostile } from '../../contracts/chat-hostile.ts';
import { openTelegramStage } from './stage.ts';

chatHostile(openTelegramStage);
