import type { Duration } from 'aws-cdk-lib';
import { jsonata, literal } from '../private/jsonata';
import { requireColumns } from '../private/require-columns';
import { sql } from '../private/sql';
import { quoteIdentifier, quoteTableName, type TableName } from '../runtime/shared/identifier';
import { columnArguments, copyStatement, countStatement } from './load-sql';

interface DeletesSqlProps {
  readonly table: TableName;
  readonly key: readonly string[];
  readonly maxShare: number;
  readonly softDelete?: string;
  readonly version?: string;
  readonly grace: Duration;
  readonly allowRejectedKeys?: boolean;
  /** What follows IAM_ROLE. */
  readonly copyRole: string;
}

/** The statements of a step that deletes, each a text or a JSONata string that the machine fills in. */
export interface DeletesSql {
  readonly statements: string[];
  readonly copyIndex: number;
  /** The statement that deletes or marks. */
  readonly deleteIndex: number;
}

const SOURCE = '"_source_keys"';
const GONE = '"_gone_keys"';

const WHOLE = 'the keys are those of a window, and every other row would look deleted; extract them without incremental';
const REJECTED =
  ' keys were rejected by cleaning, and their rows would look deleted; mend the rules or the source, or set allowRejectedKeys if the table can hold no such key';

/** What each try works out from the dataset of keys, which its statements find in `$states.input`. */
export function deletesArguments({ key, allowRejectedKeys = false }: DeletesSqlProps): Record<string, string> {
  const { columns, definition } = columnArguments();
  const rejected = '$dataset.counts.rejected';
  const checked = [
    `$exists($dataset.window) ? $error(${literal(WHOLE)})`,
    ...(allowRejectedKeys ? [] : [`${rejected} > 0 ? $error($string(${rejected}) & ${literal(REJECTED)})`]),
    columns,
  ].join(' : ');
  return { columns: jsonata(requireColumns({ what: 'key column', names: key }, `(${checked})`)), definition: jsonata(definition) };
}

/** One transaction: stage the keys, count them, find what is gone, refuse too much of it, then delete or mark. */
export function deletesSql(props: DeletesSqlProps): DeletesSql {
  const { softDelete, copyRole } = props;
  const mark = softDelete === undefined ? undefined : quoteIdentifier(softDelete);
  const [table, name, key] = [quoteTableName(props.table), quoteIdentifier(props.table.name), props.key.map(quoteIdentifier)];
  const same = (left: string, right: string) => key.map((column) => `${left}.${column} = ${right}.${column}`).join(' AND ');
  const before = [
    sql(`CREATE TEMP TABLE ${SOURCE} (`, '$states.input.definition', ')'),
    copyStatement(SOURCE, copyRole),
    countStatement(SOURCE),
    ...(mark ? [`UPDATE ${table} SET ${mark} = NULL FROM ${SOURCE} WHERE ${same(name, SOURCE)} AND ${name}.${mark} IS NOT NULL`] : []),
    goneStatement(table, key, same, mark, props),
    shareStatement(table, mark, props.maxShare),
  ];
  const gone = `${GONE} WHERE ${same(name, GONE)}`;
  const last = mark ? sql(`UPDATE ${table} SET ${mark} = '`, timeBefore(0), `' FROM ${gone}`) : `DELETE FROM ${table} USING ${gone}`;
  return { statements: [...before, last], copyIndex: 1, deleteIndex: before.length };
}

function goneStatement(
  table: string,
  key: readonly string[],
  same: (left: string, right: string) => string,
  mark: string | undefined,
  { version, grace }: DeletesSqlProps,
): string {
  const keys = key.map((column) => `t.${column}`).join(', ');
  const unmarked = mark ? ` AND t.${mark} IS NULL` : '';
  const select = `CREATE TEMP TABLE ${GONE} AS SELECT ${keys} FROM ${table} AS t LEFT JOIN ${SOURCE} AS s ON ${same('t', 's')} WHERE s.${key[0]} IS NULL${unmarked}`;
  if (version === undefined) return select;
  return sql(`${select} AND t.${quoteIdentifier(version)} < '`, timeBefore(grace.toMilliseconds()), "'");
}

function shareStatement(table: string, mark: string | undefined, maxShare: number): string {
  const all = `(SELECT COUNT(*) FROM ${table}${mark ? ` WHERE ${mark} IS NULL` : ''})`;
  const message = `'delete check failed: ' || COUNT(*) || ' of ' || ${all} || ' rows are not in the source, and maxShare allows a share of ${maxShare}'`;
  return `SELECT CASE WHEN COUNT(*) <= ${maxShare} * ${all} THEN 1 ELSE CAST(${message} AS INTEGER) END FROM ${GONE}`;
}

/** JSONata of the time so long before the start of the run, as the warehouse reads it: in UTC. */
function timeBefore(milliseconds: number): string {
  const time = `$fromMillis($toMillis($states.context.Execution.StartTime) - ${milliseconds})`;
  return `$replace($substring(${time}, 0, 23), 'T', ' ')`;
}
