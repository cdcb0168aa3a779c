import { expect, test } from 'vitest';
import {
  askedForm,
  clipped,
  filledFields,
  formMessage,
  keyboardOf,
  richText,
} from '../../../adapters/telegram/render.ts';
import type { Line } from '../../../commands/contract/reply.ts';

const quote = (text: string): Line => ({ kind: 'quote', spans: [text] });
const plain = (...spans: Line['spans']): Line => ({ kind: 'plain', spans });

test('lines become one text, their looks become entities', () => {
  const lines: Line[] = [
    { kind: 'heading', spans: ['Details'] },
    plain('Seed: ', { kind: 'code', text: '7' }, ' by ', { kind: 'person', userId: '1', name: 'Ada' }),
    quote('a knight'),
    { kind: 'small', spans: ['soon'] },
  ];
  expect(richText({ lines }, 4096)).toEqual({
    text: 'Details\nSeed: 7 by Ada\na knight\nsoon',
    entities: [
      { type: 'bold', offset: 0, length: 7 },
      { type: 'code', offset: 14, length: 1 },
      { type: 'blockquote', offset: 23, length: 8 },
      { type: 'italic', offset: 32, length: 4 },
    ],
  });
});

test('markup is text, mentions do not ping, overrides of direction and control characters go', () => {
  const { text, entities } = richText({ lines: [plain('<b>*_`[x](y)</b> @ada \u202Egnp.\u2066 \u0007\uD800')] }, 4096);
  expect(text).toBe('<b>*_`[x](y)</b> @\u2060ada gnp. \uFFFD');
  expect(entities).toEqual([]);
  expect(richText({ lines: [plain({ kind: 'code', text: '@ada' })] }, 4096).text).toBe('@ada');
});

test('quotes are shortened first, the rest only where that is not enough', () => {
  const around = [plain('Ada asked for:'), quote('😀'.repeat(3000)), plain('It failed.')];
  const { text, entities } = richText({ lines: around }, 1024);
  expect(text.length).toBeLessThanOrEqual(1024);
  expect(text).toMatch(/^Ada asked for:\n(😀)+…\nIt failed\.$/u);
  expect(entities).toEqual([{ type: 'blockquote', offset: 15, length: text.length - 15 - 11 }]);
  const long = richText({ lines: [plain('x'.repeat(2000)), { kind: 'small', spans: ['gone'] }] }, 1024);
  expect(long.text).toBe(`${'x'.repeat(1023)}…`);
  expect(long.entities).toEqual([]);
});

test('no character is cut in half', () => {
  for (const length of [1, 2, 3, 4, 5]) {
    const cut = clipped('😀😀😀', length);
    expect(cut.length).toBeLessThanOrEqual(length);
    expect(cut.isWellFormed()).toBe(true);
  }
});

test('buttons say what they do and whether it is dangerous', () => {
  const rows = [
    [{ label: 'Again', pressId: 'v1:again:j1', style: 'secondary' as const }],
    [],
    [{ label: ' ', pressId: 'v1:delete:j1', style: 'danger' as const }],
  ];
  expect(keyboardOf(rows)).toEqual({
    inline_keyboard: [
      [{ text: 'Again', callback_data: 'v1:again:j1' }],
      [{ text: '…', callback_data: 'v1:delete:j1', style: 'danger' }],
    ],
  });
  expect(keyboardOf([[]])).toBeUndefined();
});

test('a form is read back from its message, and from no other', () => {
  const field = { kind: 'paragraph', label: 'What?', isRequired: true, value: 'a & b <c>' } as const;
  const fields = [
    { ...field, name: 'prompt' },
    { name: 'photo', kind: 'photo', label: 'Photo', isRequired: false } as const,
  ];
  const form = { form: 'remix', id: 'j1', title: 'Remix', fields };
  const { text, entities } = formMessage(form, 'cow_bot', undefined);
  expect(text).toBe('Remix\nWhat?\na & b <c>\nPhoto');
  expect(askedForm(entities, 'cow_bot')).toEqual({ form: 'remix', id: 'j1', fields: ['prompt'] });
  const more = formMessage({ ...form, extra: 'words' }, 'cow_bot', undefined, 77);
  expect(askedForm(more.entities, 'cow_bot')).toMatchObject({ id: 'j1', extra: 'words', openedFrom: 77 });
  expect(askedForm(entities, 'other_bot')).toBeUndefined();
  expect(askedForm([], 'cow_bot')).toBeUndefined();
  const link = (url: string) => askedForm([{ type: 'text_link', offset: 0, length: 1, url }], 'cow_bot');
  expect(link('https://example.org/cow_bot?form=remix&id=j1')).toBeUndefined();
  expect(link('not a link')).toBeUndefined();
});

test('several fields take a line each, and the last one the rest', () => {
  const asked = { form: 'f', id: 'i', fields: ['one', 'two'] };
  expect(filledFields(asked, 'a\nb\nc')).toEqual({ one: 'a', two: 'b\nc' });
  expect(filledFields(asked, 'a')).toEqual({ one: 'a' });
  expect(filledFields({ ...asked, fields: [] }, 'a')).toEqual({});
});
