/**
 * What people live through with the bot, on any platform: one suite that every adapter runs over its real client and a
 * fake of its platform.
 */
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { photoFile } from '../photo/samples.ts';
import type { StubEngine } from '../fakes/stub-engine.ts';

/** A message as people see it. */
export interface SeenMessage {
  /** The platform's own id. */
  readonly id: string;
  readonly text: string;
  /** Labels of its buttons, in order. */
  readonly buttons: readonly string[];
  /** Bytes of the pictures it shows; one where several are shown as a contact sheet. */
  readonly pictures: readonly Uint8Array[];
  /** Bytes of the files under it. */
  readonly files: readonly Uint8Array[];
}

/** Somebody in the chat, whose client speaks English. */
export interface ChatPerson {
  /** Sends a photo with `/cow` and waits until the platform has taken it. */
  ask(prompt: string, options?: { readonly photo?: Uint8Array; readonly count?: number }): Promise<void>;
  /** Any other command, with its words after it. */
  command(name: string, words?: string): Promise<void>;
  /** Presses a button by its label, as this person; the message may be anybody's. */
  press(message: SeenMessage, label: string): Promise<void>;
  /** Presses a button with other data than any has. */
  forge(message: SeenMessage, pressId: string): Promise<void>;
  /** Fills in the form that was last shown to this person. @param photo for its file field. */
  fill(fields: Readonly<Record<string, string>>, photo?: Uint8Array): Promise<void>;
  /** What the bot said to this person alone, in their order: messages, toasts. */
  heard(): Promise<readonly SeenMessage[]>;
}

export interface ChatStage {
  readonly platform: string;
  /** In one shared chat; the same name is the same person. */
  person(name: string): Promise<ChatPerson>;
  /** The bot's messages that everybody in the shared chat sees, in their order. */
  messages(): Promise<readonly SeenMessage[]>;
  /** Of the house that is open now. */
  engine(): StubEngine;
  /** Ends the house and opens it again over the same data and the same chat. */
  restart(): Promise<void>;
  /** From now on pictures may be seen while they are painted, in every chat that there is. */
  allowPreviews(): Promise<void>;
  /** From now on the platform has none of the photos that were sent. */
  dropPhotos(): Promise<void>;
}

const rows = [
  ['Again', 'Subtle', 'Strong', 'Remix'],
  ['Keep more', 'Change more', 'Move'],
  ['Details', 'File', 'Delete', 'Report'],
];
const resultButtons = rows.flat();
/** Anybody may report. */
const ownersButtons = resultButtons.filter((label) => label !== 'Report');

const patient = { timeout: 10_000, interval: 20 };

const oneResult = { pictures: [expect.anything()], buttons: resultButtons };

/** `openStage` is called inside a test and clears up after it. */
export function chatJourneys(openStage: () => Promise<ChatStage>): void {
  const heardText = (text: string) =>
    expect.arrayContaining([expect.objectContaining({ text: expect.stringContaining(text) })]);
  const first = async (stage: ChatStage, at = 0): Promise<SeenMessage> => {
    const message = (await stage.messages())[at];
    if (message === undefined) throw new Error(`There is no message ${at}.`);
    return message;
  };
  const finished = async (stage: ChatStage, prompt = 'a knight'): Promise<SeenMessage> => {
    const anna = await stage.person('anna');
    await anna.ask(prompt);
    await expect.poll(() => stage.messages(), patient).toMatchObject([oneResult]);
    return first(stage);
  };

  describe('a picture', () => {
    it('is asked for, waited for, and comes in the same message', async () => {
      const stage = await openStage();
      stage.engine().hold();
      const anna = await stage.person('anna');
      await anna.ask('a knight in a snowy forest');
      await expect
        .poll(() => stage.messages(), patient)
        .toMatchObject([{ buttons: expect.arrayContaining(['Cancel']), pictures: [] }]);
      const placeholder = await first(stage);
      stage.engine().release();
      await expect.poll(() => stage.messages(), patient).toMatchObject([{ ...oneResult, id: placeholder.id }]);
      const result = await first(stage);
      expect(result.text).toContain('a knight in a snowy forest');
      expect(result.text).toContain('anna');
      const { width, height } = await sharp(result.pictures[0]).metadata();
      expect([width, height]).toEqual([64, 64]);
    });

    it('waits behind another, and says why', async () => {
      const stage = await openStage();
      stage.engine().hold();
      const [anna, bert] = [await stage.person('anna'), await stage.person('bert')];
      await anna.ask('first');
      await expect.poll(() => stage.messages(), patient).toMatchObject([{ buttons: ['Cancel'] }]);
      await bert.ask('second');
      // The first word has them already, before anybody knows the place.
      await expect.poll(() => stage.messages(), patient).toMatchObject([{}, { buttons: ['Cancel', 'Why waiting?'] }]);
      await expect.poll(async () => (await first(stage, 1)).text, patient).toContain('place');
      await bert.press(await first(stage, 1), 'Why waiting?');
      await expect.poll(() => bert.heard(), patient).toEqual(heardText('being painted'));
      stage.engine().release();
      await expect.poll(() => stage.messages(), patient).toMatchObject([oneResult, oneResult]);
    });

    it('is seen while it is painted where its chat wants that, and the result takes its place', async () => {
      const stage = await openStage();
      const anna = await stage.person('anna');
      await anna.command('help');
      await expect.poll(() => anna.heard(), patient).toEqual(heardText('What I can do'));
      await stage.allowPreviews();
      stage.engine().hold();
      await anna.ask('a knight');
      await expect.poll(() => stage.messages(), patient).toMatchObject([{ pictures: [{}], buttons: ['Cancel'] }]);
      const { id, text, pictures } = await first(stage);
      expect(text).toContain('50');
      const { dominant } = await sharp(pictures[0]).stats();
      expect(dominant.g).toBeGreaterThan(150);
      expect((await sharp(pictures[0]).metadata()).width).toBe(256);
      stage.engine().release();
      await expect.poll(() => stage.messages(), patient).toMatchObject([{ ...oneResult, id }]);
      expect((await sharp((await first(stage)).pictures[0]).metadata()).width).toBe(64);
    });

    it('whose preview was seen loses it when it is cancelled', async () => {
      const stage = await openStage();
      const anna = await stage.person('anna');
      await anna.command('help');
      await expect.poll(() => anna.heard(), patient).toEqual(heardText('What I can do'));
      await stage.allowPreviews();
      stage.engine().hold();
      await anna.ask('a knight');
      await expect.poll(() => stage.messages(), patient).toMatchObject([{ pictures: [{}] }]);
      await anna.press(await first(stage), 'Cancel');
      await expect
        .poll(() => stage.messages(), patient)
        .toMatchObject([{ text: expect.stringContaining('Cancelled') }]);
      const [left] = (await first(stage)).pictures;
      if (left === undefined) return;
      const { r, g, b } = (await sharp(left).stats()).dominant;
      expect(Math.max(r, g, b) - Math.min(r, g, b)).toBe(0);
    });

    it('moves on in its placeholder while others leave', async () => {
      const stage = await openStage();
      stage.engine().hold();
      const people = await Promise.all(['anna', 'bert', 'carla'].map((name) => stage.person(name)));
      for (const [i, person] of people.entries()) {
        await person.ask(`picture ${i}`);
        await expect.poll(async () => (await stage.messages()).length, patient).toBe(i + 1);
        const text = i === 0 ? /Painting/ : new RegExp(`place ${i}\\.`);
        await expect.poll(async () => (await first(stage, i)).text, patient).toMatch(text);
      }
      await people[1]?.press(await first(stage, 1), 'Cancel');
      await expect.poll(async () => (await first(stage, 2)).text, patient).toMatch(/place 1\./);
      stage.engine().release();
      await expect.poll(() => stage.messages(), patient).toMatchObject([oneResult, {}, oneResult]);
    });

    it('is stopped by its owner, waiting or running, and by nobody else', async () => {
      const stage = await openStage();
      stage.engine().hold();
      const [anna, bert] = [await stage.person('anna'), await stage.person('bert')];
      await anna.ask('running');
      await expect.poll(() => stage.messages(), patient).toMatchObject([{ buttons: ['Cancel'] }]);
      await anna.ask('waiting');
      await expect.poll(() => stage.messages(), patient).toMatchObject([{}, { buttons: ['Cancel', 'Why waiting?'] }]);
      await bert.press(await first(stage, 1), 'Cancel');
      await expect.poll(() => bert.heard(), patient).toEqual(heardText('Only the person who asked'));
      await anna.press(await first(stage, 1), 'Cancel');
      await expect
        .poll(() => stage.messages(), patient)
        .toMatchObject([{ buttons: ['Cancel'] }, { text: expect.stringContaining('Cancelled') }]);
      await anna.press(await first(stage, 0), 'Cancel');
      await expect
        .poll(() => stage.messages(), patient)
        .toMatchObject([{ text: expect.stringContaining('Cancelled') }, {}]);
    });

    it('that two people ask for is two pictures, each with its owner', async () => {
      const stage = await openStage();
      const [anna, bert] = [await stage.person('anna'), await stage.person('bert')];
      await Promise.all([anna.ask('of anna'), bert.ask('of bert')]);
      await expect.poll(() => stage.messages(), patient).toMatchObject([oneResult, oneResult]);
      const texts = (await stage.messages()).map(({ text }) => text);
      expect(texts.find((text) => text.includes('of anna'))).toContain('anna');
      expect(texts.find((text) => text.includes('of bert'))).toContain('bert');
    });

    it('is not made of a file that is none, and nothing is left half-done', async () => {
      const stage = await openStage();
      const anna = await stage.person('anna');
      await anna.ask('a knight', { photo: Buffer.from('this is not a picture at all, whatever it says it is') });
      await expect
        .poll(async () => [...(await stage.messages()), ...(await anna.heard())].map(({ text }) => text).join(' '), {
          timeout: 5_000,
        })
        .toMatch(/photo|picture/i);
      expect((await stage.messages()).flatMap(({ pictures }) => pictures)).toEqual([]);
    });
  });

  describe('a button', () => {
    it.each(['Again', 'Subtle', 'Strong', 'Keep more', 'Change more'])(
      '%s makes a new picture of the old one',
      async (label) => {
        const stage = await openStage();
        const anna = await stage.person('anna');
        await anna.press(await finished(stage), label);
        await expect.poll(() => stage.messages(), patient).toMatchObject([oneResult, oneResult]);
        expect(stage.engine().requests).toHaveLength(2);
      },
    );

    it('pressed twice while the first is worked on makes one picture, and says so', async () => {
      const stage = await openStage();
      const anna = await stage.person('anna');
      const result = await finished(stage);
      stage.engine().hold();
      await anna.press(result, 'Again');
      await expect.poll(() => stage.messages(), patient).toMatchObject([oneResult, { buttons: ['Cancel'] }]);
      await anna.press(result, 'Again');
      await expect.poll(() => anna.heard(), patient).toEqual(heardText('already'));
      stage.engine().release();
      await expect.poll(() => stage.messages(), patient).toMatchObject([oneResult, oneResult]);
      await anna.press(result, 'Again');
      await expect.poll(() => stage.messages(), patient).toMatchObject([oneResult, oneResult, oneResult]);
    });

    it('of somebody else is refused politely, and so is a forged one', async () => {
      const stage = await openStage();
      const bert = await stage.person('bert');
      const result = await finished(stage);
      for (const label of ownersButtons) await bert.press(result, label);
      await expect
        .poll(async () => (await bert.heard()).filter(({ text }) => text.includes('Only the person')).length)
        .toBe(ownersButtons.length);
      const forged = [
        'v1:delete-yes:00000000-0000-4000-8000-000000000000',
        'v0:again:1',
        'v1:toString:x',
        '💥',
        'x'.repeat(60),
      ];
      for (const pressId of forged) await bert.forge(result, pressId);
      await expect.poll(async () => (await bert.heard()).length).toBe(ownersButtons.length + forged.length);
      expect(await stage.messages()).toMatchObject([oneResult]);
      expect(stage.engine().requests).toHaveLength(1);
    });

    it('Move offers places and sizes, and moves', async () => {
      const stage = await openStage();
      const anna = await stage.person('anna');
      await anna.press(await finished(stage), 'Move');
      await expect
        .poll(() => anna.heard(), patient)
        .toMatchObject([{ buttons: expect.arrayContaining(['↖', '→', '75 %']) }]);
      const [offer] = await anna.heard();
      if (offer !== undefined) await anna.press(offer, '↖');
      await expect.poll(() => stage.messages(), patient).toMatchObject([oneResult, oneResult]);
      expect(stage.engine().requests.map(({ seeds: [{ x, y }] }) => [x, y])).toMatchObject([{}, [0, 0]]);
    });

    it('Remix asks for a new prompt, and takes another photo', async () => {
      const stage = await openStage();
      const anna = await stage.person('anna');
      const result = await finished(stage);
      await anna.press(result, 'Remix');
      const [pirate, rocket] = [{ prompt: 'a pirate on a ship' }, { prompt: 'a rocket' }];
      await anna.fill(pirate);
      await expect
        .poll(() => stage.messages(), patient)
        .toMatchObject([oneResult, { ...oneResult, text: expect.stringContaining('a pirate on a ship') }]);
      await anna.press(result, 'Remix');
      await anna.fill(rocket, photoFile('rocket.jpg'));
      await expect
        .poll(() => stage.messages(), patient)
        .toMatchObject([oneResult, oneResult, { text: expect.stringContaining('a rocket') }]);
      const [old, same, other] = stage
        .engine()
        .requests.map(({ seeds: [{ rgb }] }) => Buffer.from(rgb).toString('hex'));
      expect(same).toBe(old);
      expect(other).not.toBe(old);
    });

    it('Details and File answer whoever asked, and nobody else sees it', async () => {
      const stage = await openStage();
      const anna = await stage.person('anna');
      const result = await finished(stage);
      await anna.press(result, 'Details');
      await expect.poll(() => anna.heard(), patient).toEqual(heardText(String(stage.engine().requests[0]?.seed)));
      await anna.press(result, 'File');
      await expect.poll(() => anna.heard(), patient).toMatchObject([{}, { files: [expect.anything()] }]);
      const [, { files }] = await anna.heard();
      expect(await sharp(files[0]).metadata()).toMatchObject({ format: 'png', width: 64, height: 64 });
      expect(await stage.messages()).toHaveLength(1);
    });

    it('Delete asks once more, and then everything is gone', async () => {
      const stage = await openStage();
      const anna = await stage.person('anna');
      const result = await finished(stage);
      await anna.press(result, 'Delete');
      await expect.poll(() => anna.heard(), patient).toMatchObject([{ buttons: ['Delete'] }]);
      expect(await stage.messages()).toHaveLength(1);
      const [question] = await anna.heard();
      if (question !== undefined) await anna.press(question, 'Delete');
      await expect.poll(() => stage.messages(), patient).toEqual([]);
      await anna.command('mine');
      await expect.poll(() => anna.heard(), patient).toEqual(heardText('no pictures'));
    });

    it('works after a restart, and when the platform has dropped the photo', async () => {
      const stage = await openStage();
      const anna = await stage.person('anna');
      const result = await finished(stage);
      await stage.dropPhotos();
      await stage.restart();
      await anna.press(result, 'Keep more');
      await expect.poll(() => stage.messages(), patient).toMatchObject([oneResult, oneResult]);
    });
  });

  it('brings what was asked for before a restart once, in its own message', async () => {
    const stage = await openStage();
    stage.engine().hold();
    const anna = await stage.person('anna');
    await anna.ask('running');
    await expect.poll(() => stage.messages(), patient).toMatchObject([{ buttons: ['Cancel'] }]);
    await anna.ask('waiting');
    await expect.poll(async () => (await stage.messages())[1]?.text, patient).toContain('place');
    const ids = (await stage.messages()).map(({ id }) => id);
    await stage.restart();
    await expect.poll(() => stage.messages(), patient).toMatchObject(ids.map((id) => ({ ...oneResult, id })));
  });

  it('lists what somebody has made, and shows it again to them alone', async () => {
    const stage = await openStage();
    await finished(stage, 'a famous knight');
    const [anna, bert] = [await stage.person('anna'), await stage.person('bert')];
    await anna.command('mine');
    await expect.poll(() => anna.heard(), patient).toEqual(heardText('a famous knight'));
    const [list] = await anna.heard();
    if (list !== undefined) await anna.press(list, '1');
    await expect.poll(() => anna.heard(), patient).toMatchObject([{}, { pictures: [expect.anything()] }]);
    await bert.command('mine');
    await expect.poll(() => bert.heard(), patient).toEqual(heardText('no pictures'));
  });
}
