import fc, { type Arbitrary } from 'fast-check';
import { isWhole, type Sample, TYPES, type TypeCase } from './types';

export interface ColumnCase {
  readonly name: string;
  readonly type: TypeCase;
  readonly nullable: boolean;
  /** Whether it is a part of the primary key, if there is one. */
  readonly inKey: boolean;
}

/** A table with rows. Every table has the column `row_no` besides, by which rows are told apart. */
export interface TableCase {
  readonly columns: readonly ColumnCase[];
  readonly hasKey: boolean;
  readonly rows: readonly (readonly (Sample | null)[])[];
}

export const ROW_NUMBER = 'row_no';
const NAME_BYTES = 63;
/** The names of system columns are none of a table's. */
const TAKEN = [ROW_NUMBER, 'oid', 'tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid'];

const NAMES = [
  ...[
    'select',
    'ORDER',
    'Order By',
    'user',
    'timestamp',
    'oid',
    '0',
    '1',
    '__proto__',
    'constructor',
    'toString',
    'c0',
    'fields',
    'well_formed',
    'json',
  ],
  ...[
    '"',
    "'",
    '""',
    '\\',
    'a"b',
    "a'b",
    'a.b',
    'a/b',
    'a~1b',
    '~0',
    '$',
    '$dataset',
    '{% $x %}',
    '`',
    ';',
    '--',
    '/*',
    '%s',
    '${x}',
    '#',
    ':a',
    '?',
    'a=b',
    'a,b',
  ],
  ...[
    ' ',
    ' a ',
    '\t',
    '\n',
    'é',
    'É',
    'ß',
    'İ',
    '李',
    '🚀',
    '\u200b',
    '\u{10ffff}',
    'x'.repeat(63),
    '_staged_rows',
    '_newest_rows',
    's',
    'NULL',
    'true',
    '[*]',
    '{}',
  ],
];
const name = fc
  .oneof(
    fc.constantFrom(...NAMES),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
  )
  .filter((text) => isWhole(text) && !/\p{Cc}/u.test(text) && Buffer.byteLength(text) <= NAME_BYTES && !TAKEN.includes(text.toLowerCase()));

const column: Arbitrary<ColumnCase> = fc
  .record({ name, type: fc.constantFrom(...TYPES), nullable: fc.boolean(), inKey: fc.boolean() })
  .map((made) => (made.inKey && made.type.isKey ? { ...made, nullable: false } : { ...made, inKey: false }));

/** A random table of 1 to 12 columns. */
export const table: Arbitrary<TableCase> = fc
  .record({
    columns: fc.uniqueArray(column, { minLength: 1, maxLength: 11, selector: (made) => made.name.toLowerCase() }),
    hasKey: fc.boolean(),
  })
  .chain(({ columns, hasKey }) =>
    fc
      .array(fc.tuple(...columns.map(({ type, nullable }) => (nullable ? fc.option(type.samples, { freq: 6 }) : type.samples))), { maxLength: 9 })
      .map((rows) => printed({ columns, hasKey, rows })),
  );

/** A table that fast-check shows as the statements that make it. */
function printed(made: TableCase): TableCase {
  return Object.defineProperty(made, fc.toStringMethod, { value: () => tableSql(made, 'rows') });
}

/** What Redshift makes of a name, in double quotes or not: only letters of ASCII have a case. */
export function foldedName(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

export function quoteName(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** The statements that make the table and fill it. */
export function tableSql({ columns, hasKey, rows }: TableCase, table: string): string {
  const definitions = columns.map(({ name, type, nullable }) => `${quoteName(name)} ${type.source}${nullable ? '' : ' NOT NULL'}`);
  const key = [...columns.filter(({ inKey }) => inKey).map(({ name }) => quoteName(name)), ROW_NUMBER];
  const literal = (sample: Sample | null) => (sample === null ? 'NULL' : `'${sample.text.replaceAll("'", "''")}'`);
  const values = rows.map((row, index) => `(${[...row.map(literal), index].join(', ')})`);
  return [
    `DROP TABLE IF EXISTS ${table}`,
    `CREATE TABLE ${table} (${[...definitions, `${ROW_NUMBER} integer NOT NULL`, ...(hasKey ? [`PRIMARY KEY (${key.join(', ')})`] : [])].join(', ')})`,
    ...(values.length > 0 ? [`INSERT INTO ${table} VALUES ${values.join(', ')}`] : []),
  ].join('; ');
}
