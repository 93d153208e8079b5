import { formatTableName, parseTableName, quoteIdentifier, quoteTableName } from '../../../lib/runtime/shared/identifier';

describe('a table name', () => {
  test.each([
    ['orders', { name: 'orders' }],
    ['sales.orders', { schema: 'sales', name: 'orders' }],
    ['Sales.Orders', { schema: 'Sales', name: 'Orders' }],
    ['größe.tabelle_1$', { schema: 'größe', name: 'tabelle_1$' }],
    ['"orders"', { name: 'orders' }],
    ['"we;ird"."na""me"', { schema: 'we;ird', name: 'na"me' }],
    ['sales."a.b"', { schema: 'sales', name: 'a.b' }],
    ['"a.b".c', { schema: 'a.b', name: 'c' }],
    ['""""', { name: '"' }],
    [`"x'; DROP TABLE y; --"`, { name: "x'; DROP TABLE y; --" }],
  ])('%s is read, and written back it reads the same', (text, table) => {
    expect(parseTableName(text)).toEqual(table);
    expect(parseTableName(formatTableName(table))).toEqual(table);
    expect(parseTableName(quoteTableName(table))).toEqual(table);
  });

  test.each([
    ['', 'a part is empty'],
    ['.orders', 'a part is empty'],
    ['sales.', 'a part is empty'],
    ['""', 'a part is empty'],
    ['"a\0"', 'zero byte'],
    ['a.b.c', 'it has 3 parts'],
    ['"open', 'not closed'],
    ['"a"b', 'only a dot or the end'],
    ['a"b', `if that is its name, write "a""b"`],
    ['orders; DROP TABLE x', 'if that is its name, write "orders; DROP TABLE x"'],
    ['order items', 'if that is its name, write "order items"'],
    ['1st', 'if that is its name, write "1st"'],
    ["o'clock", 'other characters than letters'],
  ])('%j is refused with what to write', (text, message) => {
    expect(() => parseTableName(text)).toThrow(expect.objectContaining({ name: 'InvalidInput', message: expect.stringContaining(message) }));
  });
});

test('an identifier is always quoted and its quotes doubled', () => {
  expect(quoteIdentifier('plain')).toBe('"plain"');
  expect(quoteIdentifier('a"; DROP TABLE b; --')).toBe('"a""; DROP TABLE b; --"');
  expect(() => quoteIdentifier('')).toThrow('empty');
  expect(() => quoteIdentifier('a\0')).toThrow('zero byte');
});
