import { chatJourneys } from '../contracts/chat-journeys.ts';
import { chatModeration } from '../contracts/chat-moderation.ts';
import { chatPrivacy } from '../contracts/chat-privacy.ts';
import { plainStage } from './plain-person.ts';

chatJourneys(plainStage);
chatModeration(plainStage);
chatPrivacy(plainStage);
