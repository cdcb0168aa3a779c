import { chatJourneys } from '../contracts/chat-journeys.ts';
import { chatPrivacy } from '../contracts/chat-privacy.ts';
import { plainStage } from './plain-person.ts';

chatJourneys(plainStage);
chatPrivacy(plainStage);
