/** People in the plain chat, and a bot that talks with them. */
import type { Actor, ArgumentValue, PhotoHandle, Scene } from '../../commands/contract/act.ts';
import { argumentsFromText } from '../../commands/arguments.ts';
import { commandByName } from '../../commands/table.ts';
import { allowPreviews, type HouseOptions, openHouse } from '../contracts/chat-house.ts';
import type { ChatPerson, ChatStage } from '../contracts/chat-journeys.ts';
import type { ModeratedStage } from '../contracts/chat-moderation.ts';
import { temporaryFolder } from '../contracts/place.ts';
import { photoFile } from '../photo/samples.ts';
import { PlainChat, pressAct } from './plain-chat.ts';

export interface PlainPerson extends ChatPerson {
  readonly actor: Actor;
  run(name: string, args?: Readonly<Record<string, ArgumentValue>>, photos?: readonly PhotoHandle[]): Promise<void>;
  /** Sends a form, whether this person was shown it or not. */
  submit(form: { readonly form: string; readonly id: string; readonly extra?: string }): Promise<void>;
  say(text: string, photos?: readonly PhotoHandle[]): Promise<void>;
  /** The texts of what was said to this person alone. */
  texts(): Promise<readonly string[]>;
}

const usualScene: Scene = {
  platform: 'plain',
  communityId: 'farm',
  kind: 'community',
  channelId: 'barn',
  mayManage: false,
  mayModerate: false,
  roleIds: [],
  maxUploadBytes: 10 * 2 ** 20,
};

export function plainPerson(
  chat: PlainChat,
  name: string,
  { actor: who = {}, scene: where = {} }: { readonly actor?: Partial<Actor>; readonly scene?: Partial<Scene> } = {},
): PlainPerson {
  const actor: Actor = { platform: 'plain', userId: name, displayName: name, locale: 'en-GB', isBot: false, ...who };
  const scene: Scene = { ...usualScene, ...where };
  const done = (): { readonly requestId: string } => ({ requestId: chat.newEvent() });
  const run: PlainPerson['run'] = (command, args = {}, photos = []) =>
    chat.act({ kind: 'command', ...done(), name: command, args, photos }, actor, scene);
  const heard = async () => chat.seenBy(actor.userId);
  return {
    actor,
    run,
    submit: (form) =>
      chat.act(
        { kind: 'form', ...done(), ...form, fields: { prompt: 'x', note: 'x', value: 'x' }, photos: [] },
        actor,
        scene,
      ),
    say: (text, photos = []) => chat.act({ kind: 'message', ...done(), text, photos }, actor, scene),
    ask: (prompt, { photo = photoFile('astronaut.png'), count } = {}) =>
      run('cow', { prompt, ...(count === undefined ? {} : { count }) }, [chat.photo(photo)]),
    command: (command, words = '') => {
      const entry = commandByName(command);
      return run(command, entry === undefined ? {} : argumentsFromText(entry, words));
    },
    press: ({ id }, label) => chat.act(pressAct(done().requestId, chat.pressIdOf(id, label)), actor, scene, id),
    forge: ({ id }, pressId) => chat.act(pressAct(done().requestId, pressId), actor, scene, id),
    fill: async (fields, photo) => {
      const { form: shown, openedFrom } = chat.formOf(actor.userId) ?? {};
      const { form, id, extra } = shown ?? { form: 'none', id: '-' };
      const photos = photo === undefined ? [] : [chat.photo(photo)];
      await chat.act({ kind: 'form', ...done(), form, id, extra, fields, photos }, actor, scene, openedFrom);
    },
    heard,
    texts: async () => (await heard()).map(({ text }) => text),
  };
}

/** A bot in the plain chat. */
export async function plainStage(options: HouseOptions = {}) {
  const dataDir = await temporaryFolder();
  const chat = new PlainChat();
  const open = () => openHouse(dataDir, async (services) => [chat.adapter(services)], options);
  let house = await open();
  const stage: ChatStage = {
    platform: 'plain',
    person: async (name) => plainPerson(chat, name),
    messages: () => chat.seenIn(usualScene.channelId),
    engine: () => house.engine,
    restart: async () => {
      await house.close();
      house = await open();
    },
    allowPreviews: () => allowPreviews(house),
    dropPhotos: async () => chat.dropPhotos(),
  };
  const moderated: ModeratedStage = {
    ...stage,
    moderator: async (name) => plainPerson(chat, name, { scene: { mayModerate: true } }),
    manager: async (name) => plainPerson(chat, name, { scene: { mayManage: true, mayModerate: true } }),
    moderatorsRoom: '77',
    linksBegin: 'https://plain.example/',
    cards: () => chat.seenIn('77'),
  };
  return { ...moderated, chat, house: () => house };
}
