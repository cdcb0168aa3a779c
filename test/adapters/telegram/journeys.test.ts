import { expect, onTestFinished } from 'vitest';
import { chatJourneys } from '../../contracts/chat-journeys.ts';
import { openTelegramStage } from './stage.ts';

chatJourneys(async () => {
  const stage = await openTelegramStage();
  onTestFinished(() => expect(stage.blame()).toEqual([]));
  return stage;
});
