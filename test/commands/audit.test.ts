import { describe, expect, it } from 'vitest';
import type { ArgumentValue, CommandAct, Scene } from '../../commands/contract/act.ts';
import { communityByChat } from '../../src/store/communities.ts';
import { appendAudit, auditPage } from '../../src/store/audit.ts';
import { personByIdentity } from '../../src/store/people.ts';
import { communitySettingsOf } from '../../src/people/settings.ts';
import { type PlainPerson, plainPerson, plainStage } from './plain-person.ts';

type Stage = Awaited<ReturnType<typeof plainStage>>;
const now = Date.UTC(2026, 10, 21, 12, 30);
const hourMs = 3_600_000;

const farm: Partial<Scene> = { mayModerate: true };
const town: Partial<Scene> = { communityId: 'town', channelId: 'square', mayModerate: true };

const storeOf = (stage: Stage) => stage.house().services.store;

async function idOf(stage: Stage, userId: string): Promise<string> {
  return (await personByIdentity(storeOf(stage).db, { platform: 'plain', platformUserId: userId })) ?? 'nobody';
}

async function communityOf(stage: Stage, platformChatId: string): Promise<string> {
  return (await communityByChat(storeOf(stage).db, { platform: 'plain', platformChatId })) ?? 'nowhere';
}

/** A farm with `count` rows an hour apart, the last one now, and a town with one; mia moderates the farm. */
async function trailOf(count: number, operators?: ReadonlySet<string>) {
  const stage = await plainStage({ clock: () => now, ...(operators === undefined ? {} : { operators }) });
  const mia = plainPerson(stage.chat, 'mia', { scene: farm });
  await mia.run('help');
  await plainPerson(stage.chat, 'tom', { scene: town }).run('help');
  const [community, other] = [await communityOf(stage, 'farm'), await communityOf(stage, 'town')];
  const anna = plainPerson(stage.chat, 'anna');
  await anna.run('help');
  const actor = `person:${await idOf(stage, 'anna')}`;
  await storeOf(stage).transaction(async (tx) => {
    const shared = { actor: 'system', reason: 'asked', detail: {} };
    await appendAudit(tx, {
      ...shared,
      at: now - 99 * hourMs,
      action: 'job.done',
      subject: 'job:town',
      community: other,
    });
    for (let i = count - 1; i >= 0; i--) {
      const isHers = i % 5 === 0;
      await appendAudit(tx, {
        ...shared,
        at: now - i * hourMs,
        actor: isHers ? actor : 'system',
        action: isHers ? 'settings.changed' : 'job.done',
        subject: `job:nr${i}`,
        detail: { name: 'language', prompt: 'A cow & Anna' },
        community,
      });
    }
  });
  return { stage, mia, anna };
}

async function lastOf(person: PlainPerson) {
  const last = (await person.heard()).at(-1);
  if (last === undefined) throw new Error('Nothing was said.');
  return last;
}

const numbersIn = (text: string): readonly number[] =>
  Array.from(text.matchAll(/job nr(\d+)/g), ([, number]) => Number(number));
const upTo = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

describe('/audit', () => {
  it('shows who did what, when and why, to who asked, and neither prompts nor names', async () => {
    const { stage, mia } = await trailOf(2);
    await mia.run('audit');
    const { text, buttons } = await lastOf(mia);
    expect(text.split('\n').slice(1)).toEqual([
      `settings.changed Nov 21, 2026, 12:30 PM UTC: job nr0, by person ${(await idOf(stage, 'anna')).slice(0, 8)} (asked, language)`,
      'job.done Nov 21, 2026, 11:30 AM UTC: job nr1, by system (asked, language)',
    ]);
    expect(text).not.toMatch(/cow|anna/i);
    expect(buttons).toEqual([]);
    expect(await stage.messages()).toEqual([]);
  });

  it('is turned to older pages and back', async () => {
    const { mia } = await trailOf(25);
    await mia.run('audit');
    const turn = async (label: string) => {
      await mia.press(await lastOf(mia), label);
      const { text, buttons } = await lastOf(mia);
      return { numbers: numbersIn(text), buttons };
    };
    expect(await lastOf(mia)).toMatchObject({ buttons: ['Older'] });
    expect(await turn('Older')).toEqual({ numbers: upTo(10, 19), buttons: ['Newer', 'Older'] });
    expect(await turn('Older')).toEqual({ numbers: upTo(20, 24), buttons: ['Newer'] });
    expect(await turn('Newer')).toEqual({ numbers: upTo(10, 19), buttons: ['Newer', 'Older'] });
    expect(await turn('Newer')).toEqual({ numbers: upTo(0, 9), buttons: ['Older'] });
    // One message, that was turned.
    expect((await mia.heard()).filter(({ text }) => text.includes('job nr'))).toHaveLength(1);
  });

  it.each<[string, Record<string, ArgumentValue>, readonly number[]]>([
    ['a kind', { action: 'settings' }, [0, 5, 10]],
    ['an action', { action: 'settings.changed' }, [0, 5, 10]],
    ['a time', { since: '3h' }, [0, 1, 2, 3]],
    ['all of these', { action: 'job', since: '6h' }, [1, 2, 3, 4, 6]],
    ['what there is none of', { action: 'sanction' }, []],
  ])('is filtered by %s', async (_, args, numbers) => {
    const { mia } = await trailOf(14);
    await mia.run('audit', args);
    expect(numbersIn((await lastOf(mia)).text)).toEqual(numbers);
  });

  it('keeps its filters from page to page', async () => {
    const { mia } = await trailOf(60);
    await mia.run('audit', { action: 'settings.changed', since: '55h' });
    await mia.press(await lastOf(mia), 'Older');
    expect(numbersIn((await lastOf(mia)).text)).toEqual([50, 55]);
  });

  it('is filtered by a person: their number, their platform’s, or an answer to them', async () => {
    const { stage, mia } = await trailOf(3);
    const ask = async (args: CommandAct['args'], personPointedAt?: string) => {
      const act = { kind: 'command', requestId: stage.chat.newEvent(), name: 'audit', args, photos: [] } as const;
      const scene = { platform: 'plain', communityId: 'farm', kind: 'community', channelId: 'barn' } as const;
      const rights = { mayManage: false, mayModerate: true, roleIds: [], maxUploadBytes: 1 };
      await stage.chat.act({ ...act, personPointedAt }, mia.actor, { ...scene, ...rights });
      return numbersIn((await lastOf(mia)).text);
    };
    const carl = plainPerson(stage.chat, '4711');
    await carl.run('help');
    const subject = `person:${await idOf(stage, '4711')}`;
    const community = await communityOf(stage, 'farm');
    await storeOf(stage).transaction(async (tx) => {
      await appendAudit(tx, { at: now, actor: 'job:nr77', action: 'x', subject, reason: '', detail: {}, community });
    });
    expect(await ask({ person: await idOf(stage, 'anna') })).toEqual([0]);
    expect(await ask({ person: (await idOf(stage, 'anna')).slice(0, 8) })).toEqual([0]);
    expect(await ask({ person: '4711' })).toEqual([77]);
    expect(await ask({ person: '<@4711>' })).toEqual([77]);
    expect(await ask({}, '4711')).toEqual([77]);
    await ask({ person: 'Anna' });
    expect(await lastOf(mia)).toMatchObject({ text: expect.stringContaining('do not know this person') });
    await ask({ action: 'what?' });
    expect(await lastOf(mia)).toMatchObject({ text: expect.stringContaining('name an action') });
    await ask({ since: 'yesterday' });
    expect(await lastOf(mia)).toMatchObject({ text: expect.stringContaining('24h') });
  });

  it('is nobody’s but the moderators’ of the community, wherever they press', async () => {
    const { stage, mia, anna } = await trailOf(12);
    await mia.run('audit');
    const page = await lastOf(mia);
    const data = stage.chat.pressIdOf(page.id, 'Older');
    await anna.run('audit');
    await anna.forge(page, data);
    const tom = plainPerson(stage.chat, 'tom', { scene: town });
    await tom.forge(page, data);
    for (const person of [anna, tom]) {
      expect((await lastOf(person)).text).toContain('Only moderators');
      expect((await person.texts()).join()).not.toContain('job nr');
    }
    await tom.run('audit');
    expect((await lastOf(tom)).text).toContain('job town');
    expect((await lastOf(tom)).text).not.toContain('job nr');
    // In the private chat, where Telegram shows such pages.
    const alone = plainPerson(stage.chat, 'mia', { scene: { communityId: 'mia', kind: 'private', mayManage: true } });
    await alone.forge(page, data);
    expect((await lastOf(alone)).text).toContain('Only moderators');
    stage.chat.rights.set('mia@farm', { mayManage: false, mayModerate: true, roleIds: [] });
    await alone.forge(page, data);
    const turned = (await mia.heard()).find(({ id }) => id === page.id);
    expect(numbersIn(turned?.text ?? '')).toEqual([10, 11]);
  });

  it('is shown from everywhere to who runs the bot, and to nobody else', async () => {
    const { stage, mia } = await trailOf(3, new Set(['plain:olga']));
    const olga = plainPerson(stage.chat, 'olga');
    await olga.run('audit', { where: 'everywhere' });
    expect((await lastOf(olga)).text).toContain('job town');
    await mia.run('audit', { where: 'everywhere' });
    expect((await lastOf(mia)).text).toContain('who run this bot');
    const [row] = await auditPage(storeOf(stage).db, {}, { limit: 1 });
    await mia.forge(await lastOf(olga), `v1:audit:${row?.seq}:eo,,,`);
    expect((await lastOf(mia)).text).toContain('who run this bot');
    await storeOf(stage).transaction(async (tx) => {
      await appendAudit(tx, { at: now, actor: 'system', action: 'x', subject: 'job:9', reason: '', detail: {} });
    });
    await mia.forge(await lastOf(olga), `v1:audit:${(row?.seq ?? 0) + 1}:ho,,,`);
    expect((await lastOf(mia)).text).toContain('who run this bot');
  });

  it.each([
    'v1:audit:999999:ho,,,',
    'v1:audit:x:ho,,,',
    'v1:audit:2',
    'v1:audit:2:ho',
    'v1:audit:2:xo,,,',
    'v1:audit:2:ho,,%,',
  ])('has no page %s', async (data) => {
    const { mia } = await trailOf(2);
    await mia.run('audit');
    await mia.forge(await lastOf(mia), data);
    expect((await lastOf(mia)).text).toContain('no longer kept');
  });
});

describe('moderators', () => {
  const roles = (text: string) => ({ scope: 'here', name: 'moderator-roles', value: text });

  it('are whom the managers name: roles, people, and who is answered', async () => {
    const stage = await plainStage();
    const boss = plainPerson(stage.chat, 'boss', { scene: { mayManage: true } });
    await boss.run('settings', roles('<@&77>, <@88> 99'));
    const mayAudit = async (name: string, scene: Partial<Scene> = {}) => {
      const person = plainPerson(stage.chat, name, { scene });
      await person.run('audit');
      return !(await lastOf(person)).text.includes('Only moderators');
    };
    expect(await mayAudit('a', { roleIds: ['12', '77'] })).toBe(true);
    expect(await mayAudit('88')).toBe(true);
    expect(await mayAudit('99')).toBe(true);
    expect(await mayAudit('b', { roleIds: ['78'] })).toBe(false);
    expect(await mayAudit('77')).toBe(true);
    // What one community set means nothing in another.
    expect(await mayAudit('a', { communityId: 'town', roleIds: ['77'] })).toBe(false);
    await boss.run('settings', { ...roles('usual'), name: 'moderator-roles' });
    expect(await mayAudit('99')).toBe(false);
    const answer = { kind: 'command', name: 'settings', args: { scope: 'here', name: 'moderator-roles' }, photos: [] };
    const scene = { platform: 'plain', communityId: 'farm', kind: 'community', channelId: 'barn' } as const;
    for (const personPointedAt of ['41', '42', '41']) {
      const act = { ...answer, kind: 'command', requestId: stage.chat.newEvent(), personPointedAt } as const;
      const rights = { mayManage: true, mayModerate: true, roleIds: [], maxUploadBytes: 1 };
      await stage.chat.act(act, boss.actor, { ...scene, ...rights });
    }
    const settings = await communitySettingsOf(storeOf(stage), await communityOf(stage, 'farm'));
    expect(settings.moderatorRoles).toEqual(['41', '42']);
  });

  it('name nobody themselves', async () => {
    const stage = await plainStage();
    const mia = plainPerson(stage.chat, 'mia', { scene: farm });
    await mia.run('settings', roles('99'));
    expect((await lastOf(mia)).text).toContain('who manage this community');
    const boss = plainPerson(stage.chat, 'boss', { scene: { mayManage: true } });
    await boss.run('settings', roles('@everyone'));
    expect((await lastOf(boss)).text).toContain('name roles or people');
  });
});
