import { jsonata, literal } from '../private/jsonata';
import { requireColumns } from '../private/require-columns';
import { sql } from '../private/sql';
import { quoteIdentifier, quoteTableName, type TableName } from '../runtime/shared/identifier';

/** Where the load keeps key and version of the rows that it deleted from a table. */
function deletedKeysTable({ schema, name }: TableName): TableName {
  return { schema, name: `${name}_deleted_keys` };
}

/** The statement that makes the table of deleted keys. */
export function createDeletedKeys(target: TableName): string {
  return sql(`CREATE TABLE IF NOT EXISTS ${quoteTableName(deletedKeysTable(target))} (`, '$states.input.deletedKeysDefinition', ')');
}

/**
 * What a load that deletes works out beside the usual: the condition that marks a row as deleted, by the type of its column, and the columns of
 * the table of deleted keys, with their types and without.
 */
export function tombstoneVariables(key: readonly string[], column: string): Record<string, string> {
  const quoted = `'"' & $replace($c.name, '"', '""') & '"'`;
  const kept = `$dataset.columns[name in [${key.map(literal).join(', ')}, $dataset.window.column]]`;
  const each = (item: string) => jsonata(`$join($map(${kept}, function($c) { ${item} }), ', ')`);
  const is = (types: string) => `$match($c.type, /^(${types})/)`;
  const condition = [
    `$c := $dataset.columns[name = ${literal(column)}]`,
    `$not($exists($dataset.window)) ? $error(${literal('a load that deletes needs a dataset with a window; extract incrementally')})`,
    `${is('boolean')} ? ${quoted} & ' = TRUE'`,
    `${is('smallint|integer|bigint|decimal')} ? ${quoted} & ' <> 0'`,
    `${is('date|timestamp')} ? ${quoted} & ' IS NOT NULL'`,
    `$error(${literal(`tombstone column '${column}' is `)} & $c.type & ${literal('; it must be a boolean, a whole or decimal number, a date or a timestamp')})`,
  ];
  const [type, ...cases] = condition;
  return {
    tombstone: jsonata(requireColumns({ what: 'tombstone column', names: [column] }, `(${type}; ${cases.join(' : ')})`)),
    deletedKeys: each(quoted),
    deletedKeysDefinition: each(`${quoted} & ' ' & $c.type & ' NOT NULL'`),
  };
}

/** The tables among which deleted rows are sorted out. */
export interface TombstoneTables {
  readonly target: TableName;
  /** The staged rows, and the newest of them by key. */
  readonly staged: string;
  readonly newest: string;
  /** For key and version of the rows to delete. */
  readonly removed: string;
}

/** The statements of an upsert that have to do with deleted rows, by their place in it. */
export interface TombstoneStatements {
  /** Before the newest rows are chosen: what was deleted in this version or a later one does not come back. */
  readonly dropRevived: string;
  /** Between the choice of the newest rows and the merge. */
  readonly remove: string[];
}

/** `same` compares the keys of two tables, by the names that statements know them by. */
export function tombstoneStatements(tables: TombstoneTables, same: (left: string, right: string) => string): TombstoneStatements {
  const { target, staged, newest, removed } = tables;
  const deletedKeys = deletedKeysTable(target);
  const [table, deleted] = [quoteTableName(target), quoteTableName(deletedKeys)];
  const [name, deletedName] = [quoteIdentifier(target.name), quoteIdentifier(deletedKeys.name)];
  return {
    dropRevived: sql(
      `DELETE FROM ${staged} USING ${deleted} WHERE ${same(staged, deletedName)} AND ${deletedName}.`,
      '$states.input.version',
      ` >= ${staged}.`,
      '$states.input.version',
    ),
    remove: [
      `DELETE FROM ${deleted} USING ${newest} WHERE ${same(deletedName, newest)}`,
      sql(`CREATE TEMP TABLE ${removed} AS SELECT `, '$states.input.deletedKeys', ` FROM ${newest} WHERE `, '$states.input.tombstone'),
      sql(`DELETE FROM ${newest} WHERE `, '$states.input.tombstone'),
      `DELETE FROM ${table} USING ${removed} WHERE ${same(name, removed)}`,
      sql(`INSERT INTO ${deleted} (`, '$states.input.deletedKeys', ') SELECT ', '$states.input.deletedKeys', ` FROM ${removed}`),
    ],
  };
}
