import { literal } from '../private/jsonata';
import { sql } from '../private/sql';
import { quoteIdentifier, quoteTableName, type TableName } from '../runtime/shared/identifier';

const RUN = '$states.context.Execution';
const COUNTS = ['extracted', 'cleaned', 'rejected', 'deduplicated', 'converted', 'loaded', 'deleted'];

const text = (value: string) => `($exists(${value}) and ${value} != null ? "'" & $replace(${value}, "'", "''") & "'" : 'NULL')`;
const number = (value: string) => `($exists(${value}) ? $string(${value}) : 'NULL')`;
const PIPELINE = '$states.context.StateMachine.Name';

/** The columns of the audit table: name, type, and JSONata of the value as SQL. A run that is replayed or tried again has one row for each of its ids. */
const COLUMNS: readonly (readonly [name: string, type: string, value: string])[] = [
  ['pipeline', 'varchar(80) NOT NULL', text(PIPELINE)],
  ['run_id', 'varchar(80) NOT NULL', text(`${RUN}.Name`)],
  ['dataset', 'varchar(512) NOT NULL', text('$dataset.name')],
  ['window_low', 'varchar(64)', text('$dataset.window.low')],
  ['window_high', 'varchar(64)', text('$dataset.window.high')],
  ...COUNTS.map((name) => [name, 'bigint', number(`$dataset.counts.${name}`)] as const),
  ['schema_version', 'varchar(64)', text("($exists($dataset.schema) ? $hash($dataset.schema, 'SHA-256') : null)")],
  ['started_at', 'timestamptz', text(`${RUN}.StartTime`)],
  ['audited_at', 'timestamptz', text('$states.input.audited_at')],
];

/** One transaction that leaves one row of the run in the audit table, however often it is tried. */
export function auditSql(table: TableName): string[] {
  const name = quoteTableName(table);
  const [pipeline, run, dataset] = COLUMNS.map(([, , value]) => value) as [string, string, string];
  return [
    ...(table.schema === undefined ? [] : [`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(table.schema)}`]),
    `CREATE TABLE IF NOT EXISTS ${name} (${COLUMNS.map(([column, type]) => `${column} ${type}`).join(', ')})`,
    sql(`DELETE FROM ${name} WHERE pipeline = `, pipeline, ' AND run_id = ', run, ' AND dataset = ', dataset),
    sql(
      `INSERT INTO ${name} (${COLUMNS.map(([column]) => column).join(', ')}) VALUES (`,
      ...COLUMNS.flatMap(([, , value], index) => (index === 0 ? [value] : [', ', value])),
      ')',
    ),
  ];
}

/** What the object of the audit says: the same as the row, with the text of the columns and how the source was read. */
export const AUDIT_REPORT = `$string({
  'pipeline': ${PIPELINE}, 'run': ${RUN}.Name, 'dataset': $dataset.name, 'window': $dataset.window, 'counts': $dataset.counts,
  'schema': $dataset.schema, 'schemaVersion': $exists($dataset.schema) ? $hash($dataset.schema, 'SHA-256'),
  'columns': $dataset.columns, 'extraction': $dataset.extraction, 'rejects': $dataset.rejects,
  'startedAt': ${RUN}.StartTime, 'seconds': $round(($millis() - $toMillis(${RUN}.StartTime)) / 1000)
})`.replaceAll(/\s+/g, ' ');

/**
 * JSONata that gives `value` if the counts of the dataset meet, and fails with both numbers if not: extracted = cleaned + rejected + deduplicated, and
 * cleaned = converted = loaded, as far as there are such steps. Rejected rows that are replayed are but some of those that were extracted.
 */
export function whenCountsMeet(value: string): string {
  const differ = (what: string, left: string, right: string) =>
    `$error(${literal(`the counts of dataset '`)} & $dataset.name & ${literal(`' do not meet: ${what}: `)} & $string(${left}) & ' and ' & $string(${right}))`;
  const out = '$c.cleaned + $c.rejected + $c.deduplicated';
  const ready = '($exists($c.converted) ? $c.converted : $exists($c.cleaned) ? $c.cleaned : $dataset.recordCount)';
  return [
    '($c := $dataset.counts;',
    `$exists($c.cleaned) and $not($dataset.partial = true) and $c.extracted != ${out} ? ${differ('extracted, and cleaned with rejected and deduplicated', '$c.extracted', `(${out})`)}`,
    `: $exists($c.converted) and $c.converted != $c.cleaned ? ${differ('cleaned and converted', '$c.cleaned', '$c.converted')}`,
    `: $exists($c.loaded) and $c.loaded != ${ready} ? ${differ('what was to load and what was loaded', ready, '$c.loaded')}`,
    `: ${value})`,
  ].join(' ');
}
