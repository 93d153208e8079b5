import { order, ordersAsCopyText, STATUSES } from '../../../lib/local/demo/orders';

const rows = Array.from({ length: 1000 }, (_, index) => order(index + 1));
const texts = (column: keyof (typeof rows)[number]) => rows.map((row) => row[column]);

test('a row is the same each time it is made', () => {
  expect(order(4711)).toEqual(order(4711));
  expect([...ordersAsCopyText(2500)].join('')).toBe([...ordersAsCopyText(2500)].join(''));
});

test('there are as many lines as rows, whatever the rows hold', () => {
  const lines = [...ordersAsCopyText(2500)].join('').split('\n');
  expect(lines.pop()).toBe('');
  expect(lines).toHaveLength(2500);
  expect(lines.every((line) => line.split('\t').length === 9)).toBe(true);
});

test('every rule of the demo app has rows that need it', () => {
  expect(texts('status').some((value) => value !== null && value !== value.trim() && (STATUSES as readonly string[]).includes(value.trim()))).toBe(
    true,
  );
  expect(texts('status')).toContain('N/A');
  expect(texts('customer_id')).toContain('-');
  expect(texts('total').some((value) => /[A-Z]/.test(value ?? ''))).toBe(true);
  expect(texts('total').some((value) => value?.startsWith('-'))).toBe(true);
  expect(texts('status')).toContain('unknown');
  expect(texts('order_id')).toContain(null);
  expect(texts('order_id')).toContain('');
  expect(texts('total')).toContain('N/A');
  expect(texts('ordered_at')).toContain('2025-02-30 12:00:00');
  expect(texts('email').some((value) => value !== null && value.trim() !== '' && !value.includes('@'))).toBe(true);
  const ids = texts('order_id').filter(Boolean);
  expect(ids.length - new Set(ids).size).toBe(10);
});

test('notes tell NULL from an empty text and hold quotes, commas, newlines, accents and emoji', () => {
  const notes = texts('note');
  expect(notes).toContain(null);
  expect(notes).toContain('');
  for (const part of ['"', ',', '\n', 'ü', '🎂', '\\']) expect(notes.some((note) => note?.includes(part))).toBe(true);
});

test('most rows are clean', () => {
  const clean = rows.filter((row) => /^\d+$/.test(row.order_id ?? '') && /^\d+\.\d\d$/.test(row.total ?? '') && /@/.test(row.email ?? ''));
  expect(clean.length).toBeGreaterThan(900);
});
