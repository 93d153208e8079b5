import type { Column, ExtractEvent } from '../contract';
import { list, PermanentError } from '../shared/errors';
import { formatTableName, parseTableName, quoteTableName, type TableName } from '../shared/identifier';
import { redshiftType, type SourceColumn } from './column-types';
import type { Session } from './connection';
import { hiddenType } from './projection';
import { didYouMean } from './suggest';

/** A table that is there. */
export interface SourceTable {
  readonly oid: number;
  readonly name: Required<TableName>;
  readonly columns: readonly SourceColumn[];
}

/** Tables, partitioned tables, views, materialized views and foreign tables. */
const READABLE = ['r', 'p', 'v', 'm', 'f'];

/** The names of system columns, which PostgreSQL refuses too, but for the first. */
const RESERVED = ['oid', 'tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid'];

const TABLE = `
  SELECT c.oid::int8::text AS oid, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.oid = pg_catalog.to_regclass($1)`;

const TABLES = `
  SELECT n.nspname AS schema, c.relname AS name
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind::text = ANY ($1) AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
  ORDER BY 1, 2 LIMIT 5000`;

/** Follows a domain to the type it rests on, whose modifier is the domain's and NOT NULL may be, and an array to its elements. */
const COLUMNS = `
  WITH RECURSIVE typed AS (
    SELECT a.attnum, a.attname, a.attnotnull AS required, a.atttypid AS type, a.atttypmod AS modifier, false AS "isArray", NULL::text AS declared
    FROM pg_catalog.pg_attribute a WHERE a.attrelid = $1::int8::oid AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT x.attnum, x.attname, x.required OR (t.typnotnull AND NOT x."isArray"), coalesce(e.oid, t.typbasetype),
      CASE WHEN e.oid IS NULL THEN t.typtypmod ELSE x.modifier END, x."isArray" OR e.oid IS NOT NULL,
      coalesce(x.declared, CASE WHEN e.oid IS NOT NULL THEN pg_catalog.format_type(x.type, x.modifier) END)
    FROM typed x JOIN pg_catalog.pg_type t ON t.oid = x.type LEFT JOIN pg_catalog.pg_type e ON e.typarray = t.oid
    WHERE t.typtype = 'd' OR e.oid IS NOT NULL
  )
  SELECT x.attname AS name, NOT x.required AS nullable, t.typname AS type, t.typnamespace = 'pg_catalog'::regnamespace AS "builtIn",
    t.typtype = 'e' AS "isEnum", x."isArray", x.modifier, coalesce(x.declared, pg_catalog.format_type(x.type, x.modifier)) AS declared
  FROM typed x JOIN pg_catalog.pg_type t ON t.oid = x.type
  WHERE t.typtype <> 'd' AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray = t.oid) ORDER BY x.attnum`;

/** Looks a table up; one that is not there is `SourceNotFound`, with what is there under a similar name. */
export async function findTable(session: Session, text: string): Promise<SourceTable> {
  const wanted = parseTableName(text);
  const [found] = await session.query<{ oid: string; schema: string; name: string; kind: string }>(TABLE, [quoteTableName(wanted)]);
  if (!found) throw await notFound(session, wanted);
  const name = { schema: found.schema, name: found.name };
  if (!READABLE.includes(found.kind)) {
    throw new PermanentError('InvalidInput', `'${formatTableName(name)}' holds no rows (kind '${found.kind}'); name a table or view`);
  }
  return { oid: Number(found.oid), name, columns: await session.query<SourceColumn>(COLUMNS, [found.oid]) };
}

/** The columns to extract, in the order asked for. Names that are not there and types that Redshift cannot hold are told all at once. */
export function chooseColumns(table: SourceTable, event: Pick<ExtractEvent, 'columns' | 'excludeColumns' | 'maskColumns' | 'hashColumns'>): Column[] {
  const asked = event.columns ?? table.columns.map((column) => column.name);
  const repeated = asked.filter((name, index) => asked.indexOf(name) !== index);
  if (repeated.length > 0) throw new PermanentError('InvalidInput', `columns ${list(repeated)} are named twice; name each column once`);

  const excluded = new Set(event.excludeColumns);
  for (const name of excluded) findColumn(table, name);
  const chosen = asked.map((name) => findColumn(table, name)).filter((column) => !excluded.has(column.name));
  if (chosen.length === 0) {
    throw new PermanentError('InvalidInput', `no column of '${formatTableName(table.name)}' is left to extract; exclude fewer or name at least one`);
  }

  refuseNames(chosen);
  const hidden = [...(event.maskColumns ?? []), ...(event.hashColumns ?? [])];
  for (const name of hidden) {
    findColumn(table, name);
    if (chosen.every((column) => column.name !== name)) {
      throw new PermanentError('InvalidInput', `column '${name}' is masked or hashed, but not extracted; name it in columns, or hide it no more`);
    }
  }

  const typed = chosen.map((column) => {
    const type = hiddenType(column.name, event);
    return { column, mapped: type === undefined ? redshiftType(column) : { type } };
  });
  const unsupported = typed.flatMap(({ mapped }) => ('unsupported' in mapped ? [mapped.unsupported] : []));
  if (unsupported.length > 0) {
    throw new PermanentError(
      'UnsupportedType',
      `table '${formatTableName(table.name)}' has columns that Redshift cannot hold exactly: ${unsupported.join('; ')}; ` +
        'exclude them with excludeColumns, or extract a view that casts them (money to numeric(19,2), others to text or json)',
    );
  }
  return typed.flatMap(({ column, mapped }) => ('type' in mapped ? [{ name: column.name, type: mapped.type, nullable: column.nullable }] : []));
}

/** Names that a table of Redshift cannot have, which would otherwise be told by the load alone. */
function refuseNames(columns: readonly SourceColumn[]): void {
  const seen = new Map<string, string>();
  for (const { name } of columns) {
    if (/\p{Cc}/u.test(name) || RESERVED.includes(name.toLowerCase())) {
      const why = `Redshift takes only printable characters, and none of ${RESERVED.join(', ')}`;
      throw new PermanentError(
        'InvalidInput',
        `column ${JSON.stringify(name)} cannot keep its name: ${why}; exclude it, or extract a view that renames it`,
      );
    }
    const twin = seen.get(name.toLowerCase());
    if (twin !== undefined) {
      throw new PermanentError(
        'InvalidInput',
        `columns '${twin}' and '${name}' differ in case only, which Redshift does not tell apart; exclude one`,
      );
    }
    seen.set(name.toLowerCase(), name);
  }
}

/** A column by its exact name; one that is not there is `SourceNotFound`. */
export function findColumn(table: SourceTable, name: string): SourceColumn {
  const found = table.columns.find((column) => column.name === name);
  if (found) return found;
  const names = table.columns.map((column) => column.name);
  const hint = didYouMean(name, names) || `; it has ${list(names)}`;
  throw new PermanentError('SourceNotFound', `table '${formatTableName(table.name)}' has no column '${name}'${hint}`);
}

async function notFound(session: Session, wanted: TableName): Promise<PermanentError> {
  const tables = await session.query<Required<TableName>>(TABLES, [READABLE]);
  const elsewhere = tables.filter((table) => table.name === wanted.name).map(formatTableName);
  const written = formatTableName(wanted);
  const hint =
    elsewhere.length > 0
      ? ` - did you mean ${list(elsewhere)}?`
      : didYouMean(
          written,
          tables.map((table) => formatTableName(wanted.schema === undefined ? { name: table.name } : table)),
        );
  return new PermanentError('SourceNotFound', `there is no table or view '${written}' that the user may see${hint}`);
}
