import { chatTrouble } from '../../contracts/chat-trouble.ts';
import { openTelegramStage } from './stage.ts';

chatTrouble(openTelegramStage);
