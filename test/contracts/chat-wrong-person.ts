/**
 * Everything that somebody can do here, done by everybody who may not: generated from the tables of commands, buttons and
 * forms, over each platform's real client.
 */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { packId } from '../../commands/contract/press-id.ts';
import { en } from '../../commands/languages/en.ts';
import { tagOf } from '../../commands/press-rights.ts';
import { formTable, pressTable } from '../../commands/press-table.ts';
import { type CommandEntry, commandTable, settingNames } from '../../commands/table.ts';
import { impose } from '../../src/moderation/sanctions.ts';
import { changeCommunitySettings } from '../../src/people/settings.ts';
import { auditPage } from '../../src/store/audit.ts';
import { communityByChat } from '../../src/store/communities.ts';
import { personByIdentity } from '../../src/store/people.ts';
import type { House } from './chat-house.ts';

/** Somebody on the platform; each act gives what the bot said to this person alone about it, undefined where nothing. */
export interface WrongPerson {
  readonly userId: string;
  /** Sends a photo with `/cow`. */
  ask(prompt: string): Promise<string | undefined>;
  command(name: string, words: string): Promise<string | undefined>;
  /** Sends a button's data, whether a button has it or not. */
  forge(pressId: string): Promise<string | undefined>;
  /** Sends a form filled in that somebody else, `opener`, was shown by this button. */
  fill(
    opener: WrongPerson,
    openedBy: string,
    form: { readonly form: string; readonly id: string },
  ): Promise<string | undefined>;
}

export type Rank = 'member' | 'manager' | 'bot';

export interface WrongPersonStage {
  readonly platform: string;
  readonly house: House;
  /** The platform's own ids of the community that things happen in, and of another one that the bot is in. */
  readonly here: string;
  readonly elsewhere: string;
  /** @param rank `manager`: by the platform's word. */
  person(name: string, where: 'here' | 'elsewhere', rank?: Rank): Promise<WrongPerson>;
}

const patient = { timeout: 10_000, interval: 20 };
const dayMs = 24 * 3_600_000;

type Entry = (typeof pressTable)[number] | (typeof formTable)[number];
/** The refusal's code; `silence`: the bot does not answer; undefined: this person may. */
type Expected =
  | keyof { [Key in keyof typeof en as Key extends `refusal.${infer Code}` ? Code : never]: never }
  | 'silence'
  | undefined;

/** What there is: a picture that was reported, the case about it, a sanction of its owner, a row of the trail. */
interface Facts {
  readonly job: string;
  readonly case: string;
  readonly sanction: string;
  readonly row: string;
  /** As buttons name it. */
  readonly community: string;
  /** Somebody else's sign on a button. */
  readonly tag: string;
}

/** Somebody, and what they may not. @property make puts them in their place. */
interface Kind {
  readonly make: (scene: Scene) => Promise<WrongPerson>;
  readonly press: (entry: Entry) => Expected;
  /** For commands that need more than a member's right. */
  readonly command: (right: CommandEntry['right']) => Expected;
  /** Of asking for a picture. */
  readonly cow?: Expected;
}

type Scene = Awaited<ReturnType<typeof sceneOf>>;

/** What nobody but the owner, moderators or reporters may. */
function ofStranger({ about, needs }: Entry): Expected {
  switch (about) {
    case 'job':
      return 'job.not-yours';
    case 'case':
      return needs === 'reporter' ? 'case.not-your-report' : 'case.not-yours';
    case 'sanction':
      return needs === 'operator' ? 'right.operator' : 'case.not-yours';
    case 'audit-row':
      return 'right.moderator';
    case 'community':
      return 'right.manager';
    case 'person':
      return 'press.not-yours';
    case 'nothing':
      return undefined;
  }
}

const rightCodes = {
  member: undefined,
  moderator: 'right.moderator',
  manager: 'right.manager',
  operator: 'right.operator',
} as const;
const ofMember = (right: CommandEntry['right']): Expected => rightCodes[right];
const asModerator = (right: CommandEntry['right'], code: Expected): Expected =>
  right === 'moderator' ? code : rightCodes[right];

/** Making another picture of one. */
const paints = (name: string): boolean =>
  ['again', 'subtle', 'strong', 'keep-more', 'change-more', 'move'].includes(name);

function sanctionedModerator(code: Expected): Pick<Kind, 'press' | 'command' | 'cow'> {
  return {
    press: (entry) => {
      const { about, needs } = entry;
      const isModerators = needs === 'moderator' || needs === 'owner-or-moderator';
      return about !== 'nothing' && isModerators ? code : ofStranger(entry);
    },
    command: (right) => asModerator(right, code),
    cow: code,
  };
}

function sanctionedOwner(code: Expected): Pick<Kind, 'press' | 'command' | 'cow'> {
  return {
    press: (entry) => {
      if (entry.about !== 'job') return ofStranger(entry);
      // The forms are shown still; what is sent with them is refused.
      return paints(entry.name) || entry.name === 'share' ? code : undefined;
    },
    command: ofMember,
    cow: code,
  };
}

const kinds: Readonly<Record<string, Kind>> = {
  'a stranger': { make: ({ stage }) => stage.person('zoe', 'here'), press: ofStranger, command: ofMember },
  'a moderator of another community, here': {
    make: async (scene) => scene.moderator(await scene.stage.person('max', 'here'), 'elsewhere'),
    press: ofStranger,
    command: ofMember,
  },
  'a moderator of another community, there': {
    make: async (scene) => scene.moderator(await scene.stage.person('max', 'elsewhere'), 'elsewhere'),
    // In their own community they may read its trail, and never this one's.
    press: ofStranger,
    command: (right) => (right === 'moderator' ? undefined : rightCodes[right]),
  },
  'the reported person': {
    make: async ({ owner }) => owner,
    press: (entry) => (entry.about === 'job' ? undefined : ofStranger(entry)),
    command: ofMember,
  },
  'the reported person, who is a moderator': {
    make: async (scene) => scene.moderator(scene.owner, 'here'),
    press: (entry) => {
      if (entry.about === 'job' || entry.about === 'audit-row') return undefined;
      return entry.needs === 'moderator' ? 'case.own' : ofStranger(entry);
    },
    command: (right) => (right === 'moderator' ? undefined : rightCodes[right]),
  },
  'a reporter': {
    make: async ({ reporter }) => reporter,
    press: (entry) => (entry.needs === 'reporter' ? undefined : ofStranger(entry)),
    command: ofMember,
  },
  'a suspended moderator': {
    make: async (scene) =>
      scene.sanctioned(await scene.moderator(await scene.stage.person('sue', 'here'), 'here'), 'suspend'),
    ...sanctionedModerator('sanction.suspended'),
  },
  'a manager of another community, there': {
    make: ({ stage }) => stage.person('meg', 'elsewhere', 'manager'),
    press: ofStranger,
    command: (right) => (right === 'operator' ? rightCodes[right] : undefined),
  },
  'a suspended manager': {
    make: async (scene) => scene.sanctioned(await scene.stage.person('sam', 'here', 'manager'), 'suspend'),
    press: (entry) =>
      entry.needs === 'manager' ? 'sanction.suspended' : sanctionedModerator('sanction.suspended').press(entry),
    command: (right) =>
      right === 'operator' ? rightCodes[right] : right === 'member' ? undefined : 'sanction.suspended',
    cow: 'sanction.suspended',
  },
  'a banned moderator': {
    make: async (scene) =>
      scene.sanctioned(await scene.moderator(await scene.stage.person('ben', 'here'), 'here'), 'ban'),
    ...sanctionedModerator('sanction.banned'),
  },
  'the suspended owner': {
    make: async (scene) => scene.sanctioned(scene.owner, 'suspend'),
    ...sanctionedOwner('sanction.suspended'),
  },
  'the banned owner': {
    make: async (scene) => scene.sanctioned(scene.owner, 'ban'),
    ...sanctionedOwner('sanction.banned'),
  },
  'a bot': {
    make: ({ stage }) => stage.person('robot', 'here', 'bot'),
    press: () => 'silence',
    command: () => 'silence',
    cow: 'silence',
  },
};

async function sceneOf(openStage: () => Promise<WrongPersonStage>) {
  const stage = await openStage();
  const { store, jobs, moderation } = stage.house.services;
  const { db } = store;
  const [owner, reporter] = [await stage.person('anna', 'here'), await stage.person('rob', 'here')];
  await owner.ask('a knight');
  await reporter.command('help', '');
  const manager = await stage.person('mo', 'here', 'manager');
  await manager.command('help', '');
  const tom = await stage.person('tom', 'elsewhere');
  await tom.command('help', '');
  await expect
    .poll(async () => (await db.selectFrom('deliveries').select('state').execute())[0]?.state, patient)
    .toBe('sent');
  const idOf = async ({ userId }: WrongPerson): Promise<string> =>
    known(await personByIdentity(db, { platform: stage.platform, platformUserId: userId }));
  const communityOf = async (where: 'here' | 'elsewhere'): Promise<string> =>
    known(await communityByChat(db, { platform: stage.platform, platformChatId: stage[where] }));
  const [job] = await db.selectFrom('jobs').selectAll().execute();
  const jobId = known(job?.id);
  const { caseId } = await moderation.report({ jobId, personId: await idOf(reporter), reason: 'other' });
  const sanctionOf = async (personId: string, kind: 'warn' | 'suspend' | 'ban'): Promise<string> => {
    const [communityId, at] = [await communityOf('here'), Date.now()];
    const until = kind === 'suspend' ? at + dayMs : null;
    const shared = { communityId, caseId: null, reason: 'other', imposedBy: 'system', at, until };
    return store.transaction(async (tx) => impose(tx, { ...shared, kind, personId }));
  };
  const sanction = await sanctionOf(await idOf(owner), 'warn');
  const [row] = await auditPage(db, { community: await communityOf('here') }, { limit: 1 });
  const facts: Facts = {
    job: jobId,
    case: caseId,
    sanction,
    row: String(row?.seq),
    community: packId(await communityOf('here')),
    tag: tagOf(await idOf(tom)),
  };
  return {
    stage,
    owner,
    reporter,
    manager,
    facts,
    /** Names a moderator of a community. */
    moderator: async (person: WrongPerson, where: 'here' | 'elsewhere'): Promise<WrongPerson> => {
      const communityId = await communityOf(where);
      await store.transaction(async (tx) =>
        changeCommunitySettings(tx, communityId, (settings) => ({ ...settings, moderatorRoles: [person.userId] })),
      );
      return person;
    },
    sanctioned: async (person: WrongPerson, kind: 'suspend' | 'ban'): Promise<WrongPerson> => {
      await person.command('help', '');
      await sanctionOf(await idOf(person), kind);
      return person;
    },
    /** Everybody has been told of what was done so far. */
    told: async (): Promise<void> => {
      const pending = () => db.selectFrom('notices').select('id').where('state', '=', 'pending').execute();
      await expect.poll(pending, patient).toEqual([]);
    },
    /** All that an act could have changed. */
    state: async (): Promise<unknown> => {
      const tables = [
        'jobs',
        'pictures',
        'deliveries',
        'cases',
        'reports',
        'sanctions',
        'removedPictures',
        'audit',
      ] as const;
      const rows = await Promise.all(tables.map((table) => db.selectFrom(table).selectAll().execute()));
      const settings = await db.selectFrom('keyv').selectAll().where('namespace', 'like', 'settings:%').execute();
      return { rows, settings, waiting: jobs.snapshot().waitingMs };
    },
  };
}

function known(id: string | undefined): string {
  if (id === undefined) throw new Error('The bot does not know it.');
  return id;
}

/** Beyond the id, where a button without it would only ask for more. */
const extras: Readonly<Record<string, string>> = {
  move: ':0.100.top',
  audit: ':ho,,,',
  suspend: ':7',
  set: ':who.manager',
};

function idFor({ about }: Entry, facts: Facts): string {
  switch (about) {
    case 'person':
      return '-';
    case 'job':
    case 'nothing':
      return facts.job;
    case 'case':
      return facts.case;
    case 'sanction':
      return facts.sanction;
    case 'audit-row':
      return facts.row;
    case 'community':
      return facts.community;
  }
}

/** The words of a refusal, whatever it is filled with. */
function sentenceOf(code: Exclude<Expected, 'silence' | undefined>): RegExp {
  let depth = 0;
  const parts = Array.from(en[`refusal.${code}`], (letter) => {
    if (letter === '}') depth -= 1;
    const shown = depth > 0 || letter === '}' ? '' : letter === '{' ? '\0' : letter;
    if (letter === '{') depth += 1;
    return shown;
  });
  return new RegExp(parts.join('').split('\0').map(escaped).join('.*'));
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** A wrong act, and what has to be said to it. */
interface Cell {
  readonly act: string;
  readonly expected: Exclude<Expected, undefined>;
  readonly run: () => Promise<string | undefined>;
}

const openers: Readonly<Record<(typeof formTable)[number]['name'], 'owner' | 'reporter' | 'manager' | undefined>> = {
  remix: 'owner',
  note: 'reporter',
  set: 'manager',
  'cow-this-photo': undefined,
};

/** Beyond the id, of the buttons that open forms. */
const formExtras: Readonly<Record<string, string>> = { set: ':words.other' };

function cellsOf(
  { press, command, cow }: Kind,
  person: WrongPerson,
  { facts, owner, reporter, manager }: Scene,
): readonly Cell[] {
  const cell = (act: string, expected: Expected, run: Cell['run']): readonly Cell[] =>
    expected === undefined ? [] : [{ act, expected, run }];
  const presses = pressTable.flatMap((entry) => {
    const extra = entry.about === 'person' ? `:${facts.tag}` : (extras[entry.name] ?? '');
    const data = `v1:${entry.name}:${idFor(entry, facts)}${extra}`;
    return cell(`press ${entry.name}`, press(entry), () => person.forge(data));
  });
  const forms = formTable.flatMap((entry) => {
    const by = openers[entry.name];
    if (by === undefined) return [];
    const id = idFor(entry, facts);
    const opener = { owner, reporter, manager }[by];
    const openedBy = `v1:${entry.name}:${id}${formExtras[entry.name] ?? ''}`;
    const fill = () => person.fill(opener, openedBy, { form: entry.name, id });
    return cell(`form ${entry.name}`, press(entry), fill);
  });
  const commands = commandTable
    .filter(({ surface }: CommandEntry) => surface === 'typed')
    .flatMap(({ name, right, arguments: args }: CommandEntry) => {
      const words = args.some(({ isRequired }) => isRequired) ? 'x' : '';
      return cell(`/${name}`, command(right), () => person.command(name, words));
    });
  const settings = settingNames
    .filter((name) => !['keep', 'count'].includes(name))
    .flatMap((name) => {
      const words = `--scope here --name ${name} --value usual`;
      const expected = command(name === 'weight' ? 'operator' : 'manager');
      return cell(`/settings ${name}`, expected, () => person.command('settings', words));
    });
  const asking = cell('/cow', cow, () => person.ask('a pirate'));
  return [...presses, ...forms, ...commands, ...settings, ...asking];
}

/** `openStage` is called inside a test and clears up after it. */
export function wrongPersonContract(openStage: () => Promise<WrongPersonStage>): void {
  describe('is turned away, with the sentence for it', () => {
    it.each(Object.entries(kinds))('%s', async (_, kind) => {
      const scene = await sceneOf(openStage);
      const person = await kind.make(scene);
      await scene.told();
      const before = await scene.state();
      const cells = cellsOf(kind, person, scene);
      const outcomes: { readonly act: string; readonly expected: string; readonly said: string }[] = [];
      for (const { act, expected, run } of cells) {
        const said = (await run()) ?? '';
        const fits = expected === 'silence' ? said === '' : sentenceOf(expected).test(said);
        outcomes.push({ act, expected, said: fits ? expected : said });
      }
      expect(outcomes.filter(({ expected, said }) => said !== expected)).toEqual([]);
      expect(await scene.state()).toEqual(before);
      expect(cells.length).toBeGreaterThan(15);
    });

    it('whoever makes ids up', async () => {
      const scene = await sceneOf(openStage);
      const { facts, stage } = scene;
      const person = await scene.moderator(await stage.person('mia', 'here'), 'here');
      await person.command('help', '');
      const gone = {
        job: 'job.gone',
        case: 'case.gone',
        sanction: 'sanction.gone',
        'audit-row': 'audit.gone',
        community: 'settings.gone',
      } as const;
      const before = await scene.state();
      const wrong: unknown[] = [];
      for (const { name, about, needs } of pressTable) {
        if (about === 'nothing' || about === 'person' || needs === 'operator') continue;
        const own = idFor({ name, about, needs } as Entry, facts);
        const known = [facts.job, facts.case, facts.sanction, facts.row, facts.community];
        const ids = [randomUUID(), '-', '0', ...known.filter((id) => id !== own)];
        for (const id of ids) {
          // A row's number is no secret, and each of this community's is this moderator's to see.
          if (about === 'audit-row' && /^[1-9]\d*$/.test(id)) continue;
          const said = await person.forge(`v1:${name}:${id}${extras[name] ?? ''}`);
          if (!sentenceOf(gone[about]).test(said ?? '')) wrong.push({ name, id, said });
        }
      }
      for (const data of [
        'v1:nothing:x',
        'v2:again:x',
        'again',
        'v1:__proto__:x',
        'v1:constructor:x',
        `v1:report-as:${facts.job}:x`,
        'v1:forget-yes:-',
        'v1:forget-yes:-:x',
      ]) {
        const said = await person.forge(data);
        const code = data.includes('report')
          ? 'report.which'
          : data.includes('forget')
            ? 'press.not-yours'
            : 'act.unknown';
        if (!sentenceOf(code).test(said ?? '')) wrong.push({ data, said });
      }
      expect(wrong).toEqual([]);
      expect(await scene.state()).toEqual(before);
    });
  });
}
