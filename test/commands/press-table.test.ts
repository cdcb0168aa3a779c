import { expect, it } from 'vitest';
import { formTable, pressTable } from '../../commands/press-table.ts';

/** Written down twice, for the matrix of wrong persons believes the table. */
it('lets nobody do more than they should', () => {
  const byNeeds = Object.groupBy(pressTable, ({ needs }) => needs);
  const names = Object.entries(byNeeds).map(([needs, entries]) => [needs, entries.map(({ name }) => name)]);
  expect(Object.fromEntries(names)).toEqual({
    anyone: ['report', 'report-as'],
    'person-asked': ['agree', 'export', 'forget', 'forget-yes', 'own'],
    sharer: ['again', 'subtle', 'strong', 'keep-more', 'change-more', 'move', 'remix'],
    owner: ['retry', 'why', 'show', 'see', 'share'],
    'owner-or-moderator': ['details', 'file', 'delete', 'delete-yes', 'cancel'],
    reporter: ['note'],
    moderator: ['approve', 'deny', 'remove', 'warn', 'suspend', 'ban', 'mute', 'lift', 'audit'],
    manager: ['set'],
    operator: ['widen'],
  });
  expect(formTable.map(({ name, needs }) => `${name} ${needs}`)).toEqual([
    'remix sharer',
    'note reporter',
    'cow-this-photo anyone',
    'set manager',
  ]);
});
