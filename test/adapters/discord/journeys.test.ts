import { chatJourneys } from '../../contracts/chat-journeys.ts';
import type { HouseOptions } from '../../contracts/chat-house.ts';
import { chatModeration } from '../../contracts/chat-moderation.ts';
import { chatPrivacy } from '../../contracts/chat-privacy.ts';
import { blameless } from '../../contracts/chat-whole.ts';
import { openDiscordStage } from './stage.ts';

const openStage = async (options?: HouseOptions) => blameless(await openDiscordStage(options));

chatJourneys(openStage);
chatModeration(openStage);
chatPrivacy(openStage);
