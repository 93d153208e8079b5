import type { Column, ExtractEvent } from '../contract';
import { PermanentError } from '../shared/errors';
import { formatTableName } from '../shared/identifier';
import { formatSchema, NOT_NULL } from '../shared/schema';
import { type ColumnType, parseType } from '../shared/types';
import type { SourceTable } from './catalogue';

/** Each of a row takes every value of those before it. */
const WIDER: readonly (readonly ColumnType['kind'][])[] = [
  ['smallint', 'integer', 'bigint'],
  ['real', 'double precision'],
];
/** Longest list of changes that goes into a message: an error's cause is cut in state and alert. */
const TOLD = 10;

/**
 * Holds the columns of a table against those of the run that was committed last, and fails as `SchemaChanged` where the policy does not take the difference:
 * `freeze` takes none, `evolve` takes columns that were added and types that hold every value of the old one.
 */
export function refuseSchemaChanges(table: SourceTable, columns: readonly Column[], { schema }: Pick<ExtractEvent, 'schema'>): void {
  if (typeof schema?.known !== 'string' || schema.accept) return;
  const changes = changesOf(parseSchema(schema.known), parseSchema(formatSchema(columns)));
  const refused = changes.filter(({ evolves }) => schema.policy === 'freeze' || !evolves);
  if (refused.length === 0) return;
  const told = refused.slice(0, TOLD).map(({ text }) => text);
  const more = refused.length > TOLD ? [`and ${refused.length - TOLD} more`] : [];
  const remedy = refused.every(({ evolves }) => evolves)
    ? `To take the change, set schema to SchemaPolicy.EVOLVE; or ${REMEDY}`
    : `M${REMEDY.slice(1)}`;
  throw new PermanentError(
    'SchemaChanged',
    `the columns of '${formatTableName(table.name)}' changed since the last committed run, and nothing was extracted: ${[...told, ...more].join('; ')}. ${remedy}`,
  );
}

const REMEDY =
  'make rules and target table fit, and start one run with {"acceptSchema": true}; columns that the target shall not have are left out with excludeColumns';

interface Change {
  readonly text: string;
  /** Whether what follows can go on with it, and no value is lost. */
  readonly evolves: boolean;
}

function changesOf(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): Change[] {
  const added = [...now].filter(([name]) => !before.has(name));
  return [
    ...[...before].flatMap(([name, type]) => changeOf(name, type, now.get(name), added)),
    ...added.map(([name, type]) => ({ text: `column '${name}' ${type} was added`, evolves: true })),
  ];
}

function changeOf(name: string, before: string, now: string | undefined, added: readonly (readonly [string, string])[]): Change[] {
  if (now === undefined) {
    const renamed = added.flatMap(([other, type]) => (type === before ? [`'${other}'`] : []));
    const hint = renamed.length > 0 ? ` (renamed to ${renamed.join(' or ')}?)` : '';
    return [{ text: `column '${name}' ${before} is not there any more${hint}`, evolves: false }];
  }
  if (now === before) return [];
  const [from, to] = [before, now].map((text) => parseType(text.replace(NOT_NULL, ''))) as [ColumnType, ColumnType];
  const how = holds(to, from) ? (holds(from, to) ? 'changed' : 'was widened') : holds(from, to) ? 'was narrowed' : 'changed its type';
  return [{ text: `column '${name}' ${how} from ${before} to ${now}`, evolves: holds(to, from) }];
}

/** Whether a type has every value of another one, in the same text. */
function holds(wide: ColumnType, narrow: ColumnType): boolean {
  if (wide.kind === 'varchar' && narrow.kind === 'varchar') return wide.length >= narrow.length;
  if (wide.kind === 'decimal' && narrow.kind === 'decimal') {
    return wide.scale >= narrow.scale && wide.precision - wide.scale >= narrow.precision - narrow.scale;
  }
  return wide.kind === narrow.kind || WIDER.some((kinds) => kinds.includes(narrow.kind) && kinds.indexOf(wide.kind) >= kinds.indexOf(narrow.kind));
}

function parseSchema(text: string): Map<string, string> {
  try {
    const known: unknown = JSON.parse(text);
    if (typeof known === 'object' && known !== null) return new Map(Object.entries(known).map(([name, type]) => [name, String(type)]));
  } catch {
    // told below
  }
  throw new PermanentError('InvalidInput', 'source_columns of the watermark item is no JSON object of column types; remove the attribute');
}
