import { expect, onTestFinished } from 'vitest';
import { chatJourneys } from '../../contracts/chat-journeys.ts';
import { openDiscordStage } from './stage.ts';

chatJourneys(async () => {
  const stage = await openDiscordStage();
  onTestFinished(() => expect(stage.blame()).toEqual([]));
  return stage;
});
