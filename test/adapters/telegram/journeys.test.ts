import { chatJourneys } from '../../contracts/chat-journeys.ts';
import type { HouseOptions } from '../../contracts/chat-house.ts';
import { chatModeration } from '../../contracts/chat-moderation.ts';
import { chatPrivacy } from '../../contracts/chat-privacy.ts';
import { blameless } from '../../contracts/chat-whole.ts';
import { openTelegramStage } from './stage.ts';

const openStage = async (options?: HouseOptions) => blameless(await openTelegramStage(options));

chatJourneys(openStage);
chatModeration(openStage);
chatPrivacy(openStage);
