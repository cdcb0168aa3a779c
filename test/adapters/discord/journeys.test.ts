import { chatJourneys } from '../../contracts/chat-journeys.ts';
import { blameless } from '../../contracts/chat-whole.ts';
import { openDiscordStage } from './stage.ts';

chatJourneys(async () => blameless(await openDiscordStage()));
