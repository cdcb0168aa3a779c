/** Who reported something is nobody's business but the operator's. */
import { expect, it } from 'vitest';
import { appendAudit } from '../../src/store/audit.ts';
import { plainPerson, plainStage } from './plain-person.ts';

it('names reporters to operators only, and finds nobody by what they reported', async () => {
  const stage = await plainStage({ operators: new Set(['plain:olga']) });
  const { store, clock } = stage.house().services;
  const mia = plainPerson(stage.chat, 'mia', { scene: { mayModerate: true } });
  const olga = plainPerson(stage.chat, 'olga');
  await mia.run('settings');
  const { id: community } = await store.db.selectFrom('communities').select('id').executeTakeFirstOrThrow();
  const row = { at: clock(), actor: 'person:abcdef01-2345', action: 'report.made', subject: 'case:1', reason: 'asked' };
  await store.transaction(async (tx) => appendAudit(tx, { ...row, detail: {}, community }));
  const shown = async (who: typeof mia, args = {}) => {
    await who.run('audit', args);
    return (await who.texts()).at(-1);
  };
  expect(await shown(mia)).toContain('report.made');
  expect(await shown(mia)).not.toContain('abcdef01');
  expect(await shown(mia, { person: 'abcdef01' })).not.toContain('report.made');
  expect(await shown(olga)).toContain('abcdef01');
  expect(await shown(olga, { person: 'abcdef01' })).toContain('report.made');
});
