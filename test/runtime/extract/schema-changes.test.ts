import type { Column } from '../../../lib/runtime/contract';
import { refuseSchemaChanges } from '../../../lib/runtime/extract/schema-changes';
import { formatSchema } from '../../../lib/runtime/shared/schema';

const table = { oid: 1, name: { schema: 'public', name: 'items' }, columns: [] };
const column = (name: string, type: string, nullable = true): Column => ({ name, type, nullable });

function told(policy: 'freeze' | 'evolve', before: Column[], now: Column[], accept = false): string | undefined {
  try {
    refuseSchemaChanges(table, now, { schema: { policy, known: formatSchema(before), accept } });
    return undefined;
  } catch (error) {
    expect((error as Error).name).toBe('SchemaChanged');
    return (error as Error).message;
  }
}

const typed = (policy: 'freeze' | 'evolve', from: string, to: string) => told(policy, [column('c', from)], [column('c', to)]);

test.each([
  ['smallint', 'integer'],
  ['integer', 'bigint'],
  ['smallint', 'bigint'],
  ['real', 'double precision'],
  ['varchar(20)', 'varchar(21)'],
  ['decimal(10,2)', 'decimal(12,2)'],
  ['decimal(10,2)', 'decimal(11,3)'],
])('%s to %s is taken by evolve, and not by freeze; back is a narrowing that neither takes', (from, to) => {
  expect(typed('evolve', from, to)).toBeUndefined();
  expect(typed('freeze', from, to)).toContain(`column 'c' was widened from ${from} to ${to}. To take the change, set schema to SchemaPolicy.EVOLVE`);
  for (const policy of ['freeze', 'evolve'] as const) {
    expect(typed(policy, to, from)).toContain(`column 'c' was narrowed from ${to} to ${from}. Make rules`);
    expect(typed(policy, to, from)).not.toContain('EVOLVE');
  }
});

test.each([
  ['integer', 'decimal(12,0)'],
  ['integer', 'varchar(20)'],
  ['bigint', 'double precision'],
  ['decimal(10,2)', 'decimal(10,3)'],
  ['date', 'timestamp'],
  ['timestamp', 'timestamptz'],
  ['boolean', 'smallint'],
])('%s to %s is taken by neither', (from, to) => {
  for (const policy of ['freeze', 'evolve'] as const) expect(typed(policy, from, to)).toContain(`column 'c' changed its type from ${from} to ${to}`);
});

test('columns that may be NULL now, or no more, are taken by evolve', () => {
  const [may, mayNot] = [[column('c', 'integer')], [column('c', 'integer', false)]];
  expect(told('evolve', may, mayNot)).toBeUndefined();
  expect(told('evolve', mayNot, may)).toBeUndefined();
  expect(told('freeze', mayNot, may)).toContain("column 'c' changed from integer not null to integer");
});

test('a message names all that changed, and what may have been renamed', () => {
  const before = [column('a', 'integer'), column('b', 'varchar(20)'), column('gone', 'date')];
  const now = [column('c', 'varchar(20)'), column('a', 'bigint'), column('new', 'boolean')];
  expect(told('freeze', before, now)).toBe(
    "the columns of 'public.items' changed since the last committed run, and nothing was extracted: column 'a' was widened from integer to bigint; " +
      "column 'b' varchar(20) is not there any more (renamed to 'c'?); column 'gone' date is not there any more; column 'c' varchar(20) was added; " +
      'column \'new\' boolean was added. Make rules and target table fit, and start one run with {"acceptSchema": true}; ' +
      'columns that the target shall not have are left out with excludeColumns',
  );
  expect(told('evolve', before, now)).toContain("nothing was extracted: column 'b' varchar(20) is not there any more");
});

test('of many changes ten are told', () => {
  const now = Array.from({ length: 13 }, (_, index) => column(`c${index}`, 'integer'));
  expect(told('freeze', [], now)).toMatch(/column 'c9' integer was added; and 3 more\./);
});

test('another order, a run that accepts, and a first run are no change', () => {
  const [a, b] = [column('a', 'integer'), column('b', 'date')];
  expect(told('freeze', [a, b], [b, a])).toBeUndefined();
  expect(told('freeze', [a, b], [a], true)).toBeUndefined();
  expect(() => refuseSchemaChanges(table, [a], { schema: { policy: 'freeze', known: null } })).not.toThrow();
  expect(() => refuseSchemaChanges(table, [a], {})).not.toThrow();
});

test('names of any kind survive', () => {
  const odd = ['__proto__', '1', 'a "quoted" name', 'not null'].map((name) => column(name, 'double precision', false));
  expect(told('freeze', odd, odd)).toBeUndefined();
  expect(told('freeze', odd, [])).toContain("column '__proto__' double precision not null is not there any more");
});

test('an item that somebody changed by hand is told of', () => {
  for (const known of ['nonsense', '7', 'null', '{"a":"money"}']) {
    expect(() => refuseSchemaChanges(table, [column('a', 'integer')], { schema: { policy: 'freeze', known } })).toThrow();
  }
});
