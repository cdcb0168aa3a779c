/** What people live through with what the bot keeps about them, on any platform. */
import { describe, expect, it } from 'vitest';
import type { HouseOptions } from './chat-house.ts';
import type { ChatPerson, ChatStage, SeenMessage } from './chat-journeys.ts';

const patient = { timeout: 10_000, interval: 20 };
const result = { pictures: [expect.anything()], buttons: expect.arrayContaining(['Again', 'Remix']) };

async function said(person: ChatPerson, fits: (message: SeenMessage) => boolean): Promise<SeenMessage> {
  const find = async (): Promise<SeenMessage | undefined> => (await person.heard()).findLast(fits);
  await expect.poll(find, patient).toBeDefined();
  const message = await find();
  if (message === undefined) throw new Error('The message was there a moment ago.');
  return message;
}

const withButton = (label: string) => (message: SeenMessage) => message.buttons.includes(label);
const withText = (text: string) => (message: SeenMessage) => message.text.includes(text);

/** `openStage` is called inside a test and clears up after it. */
export function chatPrivacy(openStage: (options?: HouseOptions) => Promise<ChatStage>): void {
  const askedFirst = async (): Promise<{ readonly stage: ChatStage; readonly anna: ChatPerson }> => {
    const stage = await openStage({ consents: 'asked' });
    const anna = await stage.person('anna');
    await anna.ask('a knight');
    return { stage, anna };
  };
  const finished = async (stage: ChatStage): Promise<SeenMessage> => {
    await expect.poll(() => stage.messages(), patient).toMatchObject([result]);
    const [message] = await stage.messages();
    if (message === undefined) throw new Error('The message was there a moment ago.');
    return message;
  };

  describe('the terms', () => {
    it('come before the first picture, and what was asked for goes on once they are agreed to', async () => {
      const { stage, anna } = await askedFirst();
      const terms = await said(anna, withButton('I agree'));
      expect(terms.text).toContain('24 hours');
      expect(terms.text).toContain('30 days');
      expect(await stage.messages()).toEqual([]);
      expect(stage.engine().requests).toEqual([]);
      await anna.press(terms, 'I agree');
      expect((await finished(stage)).text).toContain('a knight');
      await anna.ask('a second knight');
      await expect.poll(() => stage.messages(), patient).toMatchObject([result, result]);
      expect((await anna.heard()).filter(withButton('I agree'))).toEqual([]);
    });

    it('are agreed to by nobody for somebody else', async () => {
      const { stage, anna } = await askedFirst();
      const bert = await stage.person('bert');
      const terms = await said(anna, withButton('I agree'));
      await bert.forge(terms, 'v1:agree:-:0000000000000000');
      await said(bert, withText('whoever asked for it'));
      expect(stage.engine().requests).toEqual([]);
      await bert.ask('a pirate');
      await said(bert, withButton('I agree'));
      expect(await stage.messages()).toEqual([]);
      await anna.press(terms, 'I agree');
      expect((await finished(stage)).text).toContain('a knight');
    });

    it('wait for a restart, and for the platform to have the photo still', async () => {
      const { stage, anna } = await askedFirst();
      const terms = await said(anna, withButton('I agree'));
      await stage.restart();
      await anna.press(terms, 'I agree');
      expect((await finished(stage)).text).toContain('a knight');
    });
  });

  describe('/privacy', () => {
    it('says what is kept, and sends it', async () => {
      const stage = await openStage();
      const anna = await stage.person('anna');
      await anna.ask('a knight');
      await finished(stage);
      await anna.command('privacy');
      const kept = await said(anna, withButton('Forget me'));
      expect(kept.text).toContain('1 request');
      expect(kept.text).toContain('1 photo');
      expect(kept.text).toContain('1 picture');
      expect(await stage.messages()).toHaveLength(1);
      await anna.press(kept, 'Export');
      const { files } = await said(anna, ({ files }) => files.length > 0);
      const text = Buffer.from(files[0] ?? []).toString('latin1');
      expect(text).toContain('about-you.json');
      expect(text).toMatch(/"locale": "en/);
      expect(text).toContain('a knight');
      expect(text).toMatch(/photos\/[\da-f]{64}\.png/);
      expect(text).toMatch(/pictures\/[\da-f-]+-1\.png/);
    });

    it('forgets on a second word, and proves it', async () => {
      const stage = await openStage();
      const [anna, bert] = [await stage.person('anna'), await stage.person('bert')];
      await anna.ask('a knight');
      await finished(stage);
      await anna.command('forget-me');
      const question = await said(anna, withButton('Forget me'));
      expect(await stage.messages()).toHaveLength(1);
      await bert.command('forget-me');
      const own = await said(bert, withButton('Forget me'));
      await bert.forge(own, 'v1:forget-yes:-:0000000000000000');
      await said(bert, withText('whoever asked for it'));
      await anna.press(question, 'Forget me');
      const proof = await said(anna, withText('Gone for good'));
      expect(proof.text).toContain('1 request with its prompt, 1 photo, 1 picture');
      expect(proof.text).toContain('1 account');
      expect(proof.text).toContain('1 message was taken away.');
      expect(await stage.messages()).toEqual([]);
      await anna.command('mine');
      await said(anna, withText('no pictures'));
    });

    it('forgets in the middle of a picture', async () => {
      const stage = await openStage();
      const anna = await stage.person('anna');
      stage.engine().hold();
      await anna.ask('a knight');
      await expect.poll(() => stage.messages(), patient).toMatchObject([{ buttons: ['Cancel'] }]);
      await anna.command('forget-me');
      await anna.press(await said(anna, withButton('Forget me')), 'Forget me');
      await said(anna, withText('Gone for good'));
      await expect.poll(() => stage.messages(), patient).toEqual([]);
    });
  });
}
