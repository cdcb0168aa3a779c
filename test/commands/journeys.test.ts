import { chatJourneys } from '../contracts/chat-journeys.ts';
import { plainStage } from './plain-person.ts';

chatJourneys(plainStage);
