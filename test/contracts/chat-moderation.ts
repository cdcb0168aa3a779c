/**
 * What people and moderators live through with pictures that are looked at, reported and removed, from the first press to
 * the last word, on any platform. Prompts, photos and results are looked at by the real checks.
 */
import { describe, expect, it } from 'vitest';
import { photoFile } from '../photo/samples.ts';
import type { HouseOptions } from './chat-house.ts';
import type { ChatPerson, ChatStage, SeenMessage } from './chat-journeys.ts';

/** A stage with a room for moderators. */
export interface ModeratedStage extends ChatStage {
  /** Somebody who may delete messages of others in the shared chat, and is in the moderators' room. */
  moderator(name: string): Promise<ChatPerson>;
  /** Somebody who manages the shared chat. */
  manager(name: string): Promise<ChatPerson>;
  /** By the platform's id, as `settings moderators` takes it. */
  readonly moderatorsRoom: string;
  /** How addresses of messages in the shared chat begin; undefined where the platform gives them none. */
  readonly linksBegin: string | undefined;
  /** The bot's messages in the moderators' room, in their order. */
  cards(): Promise<readonly SeenMessage[]>;
}

const patient = { timeout: 20_000, interval: 20 };
const hourMs = 3_600_000;

const shown = { pictures: 1, buttons: expect.arrayContaining(['Again', 'Report']) };
const openCard = { pictures: 1, buttons: ['Approve', 'Remove', 'Warn', 'Suspend', 'Ban'] };

type OpenStage = (options?: HouseOptions) => Promise<ModeratedStage>;

const withText = (text: string) => expect.objectContaining({ text: expect.stringContaining(text) });

async function hears(person: ChatPerson, text: string): Promise<void> {
  await expect.poll(() => person.heard(), patient).toEqual(expect.arrayContaining([withText(text)]));
}

async function lastWith(person: ChatPerson, label: string): Promise<SeenMessage> {
  const find = async (): Promise<SeenMessage | undefined> =>
    (await person.heard()).findLast(({ buttons }) => buttons.includes(label));
  await expect.poll(find, patient).toBeDefined();
  const message = await find();
  if (message === undefined) throw new Error(`Nothing with ${label} was said.`);
  return message;
}

/** As it looks from afar: how many pictures, not which. */
async function glances(messages: Promise<readonly SeenMessage[]>) {
  return (await messages).map(({ text, buttons, pictures }) => ({ text, buttons, pictures: pictures.length }));
}

async function nth(messages: () => Promise<readonly SeenMessage[]>, at: number): Promise<SeenMessage> {
  await expect.poll(async () => (await messages()).length, patient).toBeGreaterThan(at);
  const message = (await messages())[at];
  if (message === undefined) throw new Error(`There is no message ${at}.`);
  return message;
}

/** `openStage` is called inside a test and clears up after it. */
export function chatModeration(openStage: OpenStage): void {
  /** A community whose moderators have a room, with what else is set. */
  const moderated = async (
    settings: Readonly<Record<string, string>> = {},
    options: HouseOptions = {},
  ): Promise<ModeratedStage> => {
    const stage = await openStage({ isModerated: true, ...options });
    const mona = await stage.manager('mona');
    // Without the classifier, whose model takes seconds to load: what it says is tested beside it.
    const usual = { moderators: stage.moderatorsRoom, strictness: 'off' };
    for (const [name, value] of Object.entries({ ...usual, ...settings })) {
      await mona.command('settings', `--name ${name} --value ${value}`);
      await hears(mona, name);
    }
    return stage;
  };
  const asked = async (stage: ModeratedStage, prompt = 'a knight'): Promise<ChatPerson> => {
    const anna = await stage.person('anna');
    await anna.ask(prompt);
    return anna;
  };
  const visible = async (stage: ModeratedStage, at = 0): Promise<SeenMessage> => {
    await expect.poll(async () => (await glances(stage.messages()))[at], patient).toMatchObject(shown);
    return nth(() => stage.messages(), at);
  };
  const reported = async (stage: ModeratedStage, by: string, reason: string, at = 0): Promise<ChatPerson> => {
    const person = await stage.person(by);
    const questions = async (): Promise<number> =>
      (await person.heard()).filter(({ buttons }) => buttons.includes(reason)).length;
    const before = await questions();
    await person.press(await nth(() => stage.messages(), at), 'Report');
    await expect.poll(questions, patient).toBeGreaterThan(before);
    await person.press(await lastWith(person, reason), reason);
    return person;
  };

  /** The first message, and that it is gone. */
  const deleted = async (stage: ModeratedStage, person: ChatPerson): Promise<void> => {
    await person.press(await nth(() => stage.messages(), 0), 'Delete');
    await person.press(await lastWith(person, 'Delete'), 'Delete');
    await expect.poll(() => stage.messages(), patient).toEqual([]);
  };

  describe('the checks', () => {
    it('refuse what must not be painted, in a sentence, and paint nothing', async () => {
      const stage = await moderated();
      await asked(stage, 'a nude knight');
      await expect.poll(() => glances(stage.messages()), patient).toMatchObject([withText('nudity')]);
      expect(stage.engine().requests).toEqual([]);
      expect(await stage.cards()).toEqual([]);
    });

    it('follow a community’s own words, and hold for moderators what these say', async () => {
      const stage = await moderated({ words: 'dragon, ?unicorn' });
      await asked(stage, 'a dragon in the snow');
      await expect.poll(() => glances(stage.messages()), patient).toMatchObject([withText('does not allow')]);
      await asked(stage, 'a unicorn in the snow');
      await expect.poll(() => glances(stage.cards()), patient).toMatchObject([openCard]);
      expect((await stage.cards())[0]?.text).toContain('a unicorn in the snow');
      const messages = await stage.messages();
      expect(messages.flatMap(({ pictures }) => pictures)).toEqual([]);
    });
  });

  describe('a picture that is looked at first', () => {
    it('is shown when a moderator approves, and the second moderator sees what was decided', async () => {
      const stage = await moderated({ share: 'after-review' });
      await asked(stage);
      await expect
        .poll(() => glances(stage.messages()), patient)
        .toMatchObject([{ pictures: 0, text: expect.stringContaining('moderator') }]);
      await expect.poll(() => glances(stage.cards()), patient).toMatchObject([openCard]);
      const card = await nth(() => stage.cards(), 0);
      expect(card.text).toContain('anna');
      expect(card.text).toContain('No earlier record');
      const [mia, max] = [await stage.moderator('mia'), await stage.moderator('max')];
      await Promise.all([mia.press(card, 'Approve'), max.press(card, 'Remove')]);
      await expect.poll(() => glances(stage.cards()), patient).toMatchObject([{ pictures: 0 }]);
      const { text } = await nth(() => stage.cards(), 0);
      const isApproved = text.includes('Approved');
      await hears(isApproved ? max : mia, 'Somebody was faster');
      const decided = isApproved ? shown : withText('removed');
      await expect.poll(() => glances(stage.messages()), patient).toMatchObject([decided]);
    });

    it('is removed with a warning, which the person is told and the next card shows', async () => {
      const stage = await moderated({ share: 'after-review' });
      const anna = await asked(stage);
      const mia = await stage.moderator('mia');
      await mia.press(await nth(() => stage.cards(), 0), 'Warn');
      await expect
        .poll(() => glances(stage.messages()), patient)
        .toMatchObject([{ text: expect.stringContaining('removed'), pictures: 0 }]);
      await hears(anna, 'You were warned');
      if (stage.linksBegin !== undefined) await hears(anna, `Where it was: ${stage.linksBegin}`);
      expect(await anna.heard()).not.toEqual(expect.arrayContaining([withText('/appeal')]));
      await anna.ask('another knight');
      expect((await nth(() => stage.cards(), 1)).text).toContain('1 warning');
    });

    it('goes unseen when nobody looks in time', async () => {
      let offsetMs = 0;
      const stage = await moderated({ share: 'after-review' }, { clock: () => Date.now() + offsetMs });
      await asked(stage);
      await nth(() => stage.cards(), 0);
      offsetMs = 2 * hourMs;
      await expect.poll(() => glances(stage.messages()), patient).toMatchObject([withText('in time')]);
      await expect
        .poll(() => glances(stage.cards()), patient)
        .toMatchObject([{ text: expect.stringContaining('Nobody decided'), pictures: 0 }]);
    });

    it('is its asker’s own where pictures are shared by hand, until they press Share', async () => {
      const stage = await moderated({ share: 'asker' });
      const anna = await asked(stage);
      await expect
        .poll(() => glances(stage.messages()), patient)
        .toMatchObject([{ pictures: 0, buttons: expect.arrayContaining(['See it', 'Share']) }]);
      const message = await nth(() => stage.messages(), 0);
      const bert = await stage.person('bert');
      await bert.press(message, 'See it');
      await hears(bert, 'Only the person who asked');
      await anna.press(message, 'See it');
      await expect.poll(async () => (await anna.heard()).flatMap(({ pictures }) => pictures), patient).toHaveLength(1);
      await anna.press(message, 'Share');
      await visible(stage);
    });

    it('is looked at before it is shared where that is the rule by then', async () => {
      const stage = await moderated({ share: 'asker' });
      const anna = await asked(stage);
      await expect
        .poll(() => glances(stage.messages()), patient)
        .toMatchObject([{ buttons: expect.arrayContaining(['Share']) }]);
      const mona = await stage.manager('mona');
      await mona.command('settings', '--name share --value after-review');
      await expect
        .poll(async () => (await mona.heard()).filter(({ text }) => text.includes('share')), patient)
        .toHaveLength(2);
      await anna.press(await nth(() => stage.messages(), 0), 'Share');
      await hears(anna, 'A moderator looks at it first');
      await expect.poll(() => glances(stage.cards()), patient).toMatchObject([openCard]);
      expect((await stage.messages()).flatMap(({ pictures }) => pictures)).toEqual([]);
      await (await stage.moderator('mia')).press(await nth(() => stage.cards(), 0), 'Approve');
      await visible(stage);
    });
  });

  describe('a report', () => {
    it('makes one case of many, hides at the third, and tells everybody what came of it', async () => {
      const stage = await moderated();
      await asked(stage);
      await visible(stage);
      const bert = await reported(stage, 'bert', 'Hateful');
      await hears(bert, 'A moderator will look');
      await expect.poll(() => glances(stage.cards()), patient).toMatchObject([openCard]);
      await reported(stage, 'bert', 'Hateful');
      await hears(bert, 'reported this one already');
      await reported(stage, 'carl', 'Violent');
      await visible(stage);
      const dora = await reported(stage, 'dora', 'Something else');
      await hears(dora, 'hidden now');
      await expect
        .poll(() => glances(stage.messages()), patient)
        .toMatchObject([{ pictures: 0, text: expect.stringContaining('reported') }]);
      await expect.poll(() => glances(stage.cards()), patient).toMatchObject([withText('3 people')]);
      const mia = await stage.moderator('mia');
      await mia.press(await nth(() => stage.cards(), 0), 'Remove');
      await expect.poll(() => glances(stage.messages()), patient).toMatchObject([withText('A moderator removed')]);
      for (const person of [bert, dora]) await hears(person, 'was removed. Thank you');
    });

    it('takes a note, and comes back into sight when it was harmless; false reporters can be muted', async () => {
      const stage = await moderated({ 'hide-after': '1' });
      await asked(stage);
      await visible(stage);
      const bert = await reported(stage, 'bert', 'Something else');
      await bert.press(await lastWith(bert, 'Add a note'), 'Add a note');
      const note = { note: 'I do not like knights' };
      await bert.fill(note);
      await hears(bert, 'Noted');
      const mia = await stage.moderator('mia');
      await mia.press(await nth(() => stage.cards(), 0), 'Approve');
      await visible(stage);
      await hears(bert, 'and it stays');
      await expect
        .poll(() => glances(stage.cards()), patient)
        .toMatchObject([{ buttons: ['Mute reporters'], text: expect.stringContaining('I do not like knights') }]);
      const anna = await asked(stage, 'another knight');
      await visible(stage, 1);
      await reported(stage, 'bert', 'Violent', 1);
      expect((await nth(() => stage.cards(), 1)).text).toContain('0 led to a removal, 1 did not');
      await mia.press(await nth(() => stage.cards(), 0), 'Mute reporters');
      await hears(bert, 'you cannot report until');
      await reported(stage, 'bert', 'Hateful');
      await hears(bert, 'so you cannot report here');
      // What is decided stays decided; what was asked for goes with the picture.
      expect((await nth(() => stage.cards(), 0)).text).toContain('a knight');
      await anna.press(await nth(() => stage.messages(), 0), 'Delete');
      await anna.press(await lastWith(anna, 'Delete'), 'Delete');
      const firstCard = async () => (await nth(() => stage.cards(), 0)).text;
      await expect.poll(firstCard, patient).not.toContain('a knight');
      expect(await firstCard()).toContain('Approved');
    });

    it('brings its note to a card that stands', async () => {
      const stage = await moderated();
      await asked(stage);
      await visible(stage);
      const bert = await reported(stage, 'bert', 'Something else');
      await expect.poll(() => glances(stage.cards()), patient).toMatchObject([openCard]);
      await bert.press(await lastWith(bert, 'Add a note'), 'Add a note');
      const note = { note: 'Look at the left hand' };
      await bert.fill(note);
      await expect
        .poll(() => glances(stage.cards()), patient)
        .toMatchObject([{ ...openCard, text: expect.stringContaining('Look at the left hand') }]);
    });

    it('that a moderator found to be wrong hides the picture no second time', async () => {
      const stage = await moderated();
      await asked(stage);
      await visible(stage);
      const bert = await reported(stage, 'bert', 'Sexual');
      await hears(bert, 'hidden now');
      const mia = await stage.moderator('mia');
      await mia.press(await nth(() => stage.cards(), 0), 'Approve');
      await visible(stage);
      await reported(stage, 'bert', 'Sexual');
      await hears(bert, 'A moderator will look');
      await visible(stage);
      await reported(stage, 'carl', 'Sexual');
      await expect.poll(() => glances(stage.messages()), patient).toMatchObject([{ pictures: 0 }]);
    });

    it('reminds daily of what it hid', async () => {
      let offsetMs = 0;
      const stage = await moderated({}, { clock: () => Date.now() + offsetMs });
      await asked(stage);
      await visible(stage);
      await reported(stage, 'bert', 'Sexual');
      await nth(() => stage.cards(), 0);
      offsetMs = 25 * hourMs;
      await expect.poll(() => glances(stage.cards()), patient).toMatchObject([openCard, withText('hidden until')]);
      offsetMs = 100 * hourMs;
      await expect
        .poll(() => glances(stage.cards()), patient)
        .toMatchObject([openCard, withText('hidden until'), withText('hidden until')]);
      expect((await glances(stage.messages()))[0]).toMatchObject({ pictures: 0 });
    });

    it('lets its owner delete the picture, and moderators still decide about the owner', async () => {
      const stage = await moderated();
      const anna = await asked(stage);
      await visible(stage);
      await reported(stage, 'bert', 'Hateful');
      await expect.poll(() => glances(stage.cards()), patient).toMatchObject([openCard]);
      await deleted(stage, anna);
      await expect
        .poll(() => glances(stage.cards()), patient)
        .toMatchObject([{ ...openCard, pictures: 0, text: expect.stringContaining('deleted by its owner') }]);
      expect((await nth(() => stage.cards(), 0)).text).not.toContain('a knight');
      await (await stage.moderator('mia')).press(await nth(() => stage.cards(), 0), 'Ban');
      await hears(anna, 'You were banned');
    });

    it('is decided by a moderator’s Delete, which its owner hears of', async () => {
      const stage = await moderated();
      const anna = await asked(stage);
      await visible(stage);
      const bert = await reported(stage, 'bert', 'Hateful');
      await expect.poll(() => glances(stage.cards()), patient).toMatchObject([openCard]);
      await deleted(stage, await stage.moderator('mia'));
      await hears(anna, 'A moderator removed a picture of yours');
      await hears(bert, 'was removed. Thank you');
      await expect
        .poll(() => glances(stage.cards()), patient)
        .toMatchObject([{ pictures: 0, text: expect.stringContaining('Removed') }]);
      expect((await nth(() => stage.cards(), 0)).text).not.toContain('a knight');
    });

    it('of the worst kind hides at once', async () => {
      const stage = await moderated();
      await asked(stage);
      await visible(stage);
      await reported(stage, 'bert', 'Sexual');
      await expect.poll(() => glances(stage.messages()), patient).toMatchObject([{ pictures: 0 }]);
    });
  });

  describe('“this is me”', () => {
    it('hides at once, reminds, and removes by itself when two days have passed', async () => {
      let offsetMs = 0;
      const stage = await moderated({}, { clock: () => Date.now() + offsetMs });
      await asked(stage);
      await visible(stage);
      const bert = await reported(stage, 'bert', 'This is me, remove it');
      await expect.poll(() => glances(stage.messages()), patient).toMatchObject([{ pictures: 0 }]);
      await nth(() => stage.cards(), 0);
      offsetMs = 25 * hourMs;
      await expect.poll(() => glances(stage.cards()), patient).toMatchObject([openCard, withText('Still open')]);
      offsetMs = 49 * hourMs;
      await expect.poll(() => glances(stage.messages()), patient).toMatchObject([withText('removed')]);
      await hears(bert, 'was removed. Thank you');
    });

    it('keeps the photo and its pictures from coming back', async () => {
      const stage = await moderated();
      const anna = await asked(stage);
      await visible(stage);
      await reported(stage, 'bert', 'This is me, remove it');
      const mia = await stage.moderator('mia');
      await mia.press(await nth(() => stage.cards(), 0), 'Remove');
      await expect.poll(() => glances(stage.messages()), patient).toMatchObject([withText('removed')]);
      await anna.ask('a pirate');
      await expect.poll(() => glances(stage.messages()), patient).toMatchObject([{}, withText('was removed before')]);
      await anna.ask('a pirate', { photo: photoFile('rocket.jpg') });
      await visible(stage, 2);
    });
  });

  describe('a sanction', () => {
    it('suspends until a time, is appealed against, and is lifted', async () => {
      const stage = await moderated({ share: 'after-review' });
      const anna = await asked(stage);
      const mia = await stage.moderator('mia');
      await mia.press(await nth(() => stage.cards(), 0), 'Suspend');
      await mia.press(await lastWith(mia, '7 days'), '7 days');
      await hears(anna, 'You are suspended until');
      await anna.ask('another knight');
      await hears(anna, 'send /appeal');
      expect(await stage.messages()).toHaveLength(1);
      await anna.command('appeal', 'I did not know, I am sorry');
      await hears(anna, 'with the moderators');
      await anna.command('appeal', 'please');
      await hears(anna, 'already');
      await expect
        .poll(() => glances(stage.cards()), patient)
        .toMatchObject([{}, { buttons: ['Approve', 'Deny'], text: expect.stringContaining('I did not know') }]);
      await mia.press(await nth(() => stage.cards(), 1), 'Approve');
      await hears(anna, 'was lifted');
      await anna.ask('another knight');
      await expect.poll(() => glances(stage.messages()), patient).toHaveLength(2);
    });

    it('lapses by itself', async () => {
      let offsetMs = 0;
      const stage = await moderated({ share: 'after-review' }, { clock: () => Date.now() + offsetMs });
      const anna = await asked(stage);
      const mia = await stage.moderator('mia');
      await mia.press(await nth(() => stage.cards(), 0), 'Suspend');
      await mia.press(await lastWith(mia, '1 day'), '1 day');
      await anna.ask('too early');
      await hears(anna, 'You are suspended here until');
      offsetMs = 25 * hourMs;
      await anna.ask('a day later');
      await expect.poll(() => glances(stage.messages()), patient).toMatchObject([{}, withText('A moderator looks')]);
    });

    it('bans for good, over a restart and for buttons too, until a moderator lifts it', async () => {
      const stage = await moderated();
      const anna = await asked(stage, 'a good knight');
      await visible(stage);
      await anna.ask('a bad knight');
      await visible(stage, 1);
      await reported(stage, 'bert', 'Hateful', 1);
      const mia = await stage.moderator('mia');
      await mia.press(await nth(() => stage.cards(), 0), 'Ban');
      await hears(anna, 'You were banned');
      await stage.restart();
      await anna.press(await nth(() => stage.messages(), 0), 'Again');
      await hears(anna, 'You are banned here');
      await expect.poll(() => glances(stage.cards()), patient).toMatchObject([{ buttons: ['Lift'] }]);
      await mia.press(await nth(() => stage.cards(), 0), 'Lift');
      await hears(anna, 'was lifted');
      await anna.press(await nth(() => stage.messages(), 0), 'Again');
      await visible(stage, 2);
    });
  });

  it('takes the cards of somebody away who wants to be forgotten', async () => {
    const stage = await moderated();
    const anna = await asked(stage, 'a famous knight');
    await visible(stage);
    await reported(stage, 'bert', 'Hateful');
    await (await stage.moderator('mia')).press(await nth(() => stage.cards(), 0), 'Approve');
    await expect.poll(() => glances(stage.cards()), patient).toMatchObject([withText('a famous knight')]);
    // One case is open still, of a picture that she has deleted.
    await anna.ask('a shy knight');
    await visible(stage, 1);
    const carl = await reported(stage, 'carl', 'Hateful', 1);
    await anna.press(await nth(() => stage.messages(), 1), 'Delete');
    await anna.press(await lastWith(anna, 'Delete'), 'Delete');
    await expect.poll(() => glances(stage.cards()), patient).toMatchObject([{}, withText('deleted by its owner')]);
    await anna.command('forget-me');
    await anna.press(await lastWith(anna, 'Forget me'), 'Forget me');
    await hears(anna, 'Gone for good');
    await hears(carl, 'deleted meanwhile');
    await expect.poll(() => stage.cards(), patient).toEqual([]);
    expect(await stage.messages()).toEqual([]);
  });

  it('has its settings changed by its manager in one message, by buttons and in words, over a restart', async () => {
    const stage = await openStage({});
    const mona = await stage.manager('mona');
    await mona.command('settings');
    const { id } = await lastWith(mona, 'For everybody here');
    const page = async (): Promise<SeenMessage | undefined> => (await mona.heard()).find((one) => one.id === id);
    const press = async (label: string, next: string): Promise<void> => {
      await mona.press({ ...(await lastWith(mona, label)), id }, label);
      await expect.poll(page, patient).toMatchObject({ text: expect.stringContaining(next) });
    };
    await press('For everybody here', 'Results: ');
    await press('Moderation', 'Words not painted: ');
    await press('Results', 'Who sees a result');
    await press('after a moderator’s look', 'Was: ');
    await stage.restart();
    await press('Back', 'Words not painted: ');
    await press('Words not painted', 'Now: ');
    await mona.press({ ...(await lastWith(mona, 'Another…')), id }, 'Another…');
    await mona.fill({ value: 'turnip, ?leek' });
    await expect
      .poll(page, patient)
      .toMatchObject({ text: expect.stringMatching(/Was: .*none.*Now: .*turnip, \?leek/s) });
    const anna = await stage.person('anna');
    await anna.command('settings');
    const own = await lastWith(anna, 'Language');
    expect(own.buttons).not.toContain('For everybody here');
    expect(await stage.messages()).toEqual([]);
  });

  it('keeps its cases over a restart, and nobody but moderators decides them', async () => {
    const stage = await moderated({ share: 'after-review' });
    const anna = await asked(stage);
    const card = await nth(() => stage.cards(), 0);
    await stage.restart();
    const bert = await stage.person('bert');
    for (const person of [bert, anna]) {
      await person.press(card, 'Approve');
      await hears(person, 'Only moderators');
    }
    expect((await stage.messages()).flatMap(({ pictures }) => pictures)).toEqual([]);
    await (await stage.moderator('mia')).press(card, 'Approve');
    await visible(stage);
    expect(await stage.cards()).toHaveLength(1);
  });
}
