import type { Column, Rule } from '../contract';
import { list, PermanentError } from '../shared/errors';
import { type ColumnType, parseType } from '../shared/types';
import { convertText } from './types/convert';
import { isVersion } from './version';

/** Types whose values have no order that a range could mean. */
const UNORDERED: ReadonlySet<string> = new Set(['boolean']);

/** The longest name of a column that Redshift takes. */
const LONGEST_NAME_BYTES = 127;
/** What `hash` makes of any type. */
const HASHED = 'varchar(64)';

/**
 * Refuses rules that could not run, as `InvalidInput`: an unknown rule or column, a bad type or pattern, bounds the wrong way round. Constructs
 * call it at synth, where the columns are not known yet, the handlers with them.
 */
export function validateRules(rules: readonly Rule[], columns?: readonly Column[]): void {
  const types = new Map(columns?.map((column) => [column.name, parseType(column.type)]));
  const gone = new Map<string, string>();
  rules.forEach((rule, index) => {
    const fail = (why: string): never => {
      throw new PermanentError('InvalidInput', `rule ${index + 1} (${rule.rule}): ${why}`);
    };
    for (const name of columnsOf(rule)) {
      if (gone.has(name)) fail(`there is no column '${name}' any more since ${gone.get(name)}; put this rule before that one`);
      if (columns && !types.has(name)) fail(`no column '${name}'; the dataset has ${list([...types.keys()])}`);
    }
    check(rule, rules.slice(0, index), types, fail);
    for (const name of leaving(rule)) gone.set(name, `rule ${index + 1} (${rule.rule})`);
    applyTo(types, rule);
    if (rule.rule === 'rename') gone.delete(rule.to);
  });
}

/** A column of the cleaned rows, and where in the row as it came it is. */
export interface PlacedColumn extends Column {
  readonly place: number;
}

/** The columns of the cleaned rows: casts change types, `required` makes a column NOT NULL. */
export function cleanedColumns(rules: readonly Rule[], columns: readonly Column[]): Column[] {
  return placedColumns(rules, columns).map(({ place: _, ...column }) => column);
}

/** As {@link cleanedColumns}, with their places. */
export function placedColumns(rules: readonly Rule[], columns: readonly Column[]): PlacedColumn[] {
  let cleaned: PlacedColumn[] = columns.map((column, place) => ({ ...column, place }));
  for (const rule of rules) {
    const change = (names: readonly string[], changes: Partial<Column>) => {
      cleaned = cleaned.map((column) => (names.includes(column.name) ? { ...column, ...changes } : column));
    };
    if (rule.rule === 'cast') change([rule.column], { type: rule.to });
    if (rule.rule === 'hash') change(rule.columns, { type: HASHED });
    if (rule.rule === 'required') change(rule.columns, { nullable: false });
    if (rule.rule === 'rename') change([rule.column], { name: rule.to });
    if (rule.rule === 'drop') cleaned = cleaned.filter(({ name }) => !rule.columns.includes(name));
  }
  return cleaned;
}

/** The pattern of a rule: it may match anywhere in the value, and counts characters, not UTF-16 units. */
export function compilePattern(pattern: string, flags = ''): RegExp {
  return new RegExp(pattern, `u${flags}`);
}

type Fail = (why: string) => never;

/** Every rule there is. */
export const RULES: readonly Rule['rule'][] = [
  'trim',
  'nullIf',
  'cast',
  'required',
  'allowed',
  'matches',
  'range',
  'default',
  'lower',
  'upper',
  'replace',
  'hash',
  'rename',
  'drop',
  'unique',
];

function check(rule: Rule, before: readonly Rule[], types: ReadonlyMap<string, ColumnType>, fail: Fail): void {
  switch (rule.rule) {
    case 'trim':
    case 'required':
      checkFilled('columns', rule.columns, fail);
      break;
    case 'nullIf':
      checkFilled('values', rule.values, fail);
      checkFilled('columns', rule.columns, fail);
      break;
    case 'unique':
      checkFilled('columns', rule.columns, fail);
      if (before.some((other) => other.rule === 'unique')) fail('a dataset has one key; name all columns of the key in one unique rule');
      if (rule.latest !== undefined) checkVersion(rule.latest, types.get(rule.latest), fail);
      break;
    case 'default':
      checkTexts(rule.column, [rule.value], types.get(rule.column), fail);
      break;
    case 'lower':
    case 'upper':
      checkFilled('columns', rule.columns, fail);
      break;
    case 'replace':
      checkPattern(rule.pattern, fail);
      break;
    case 'hash':
      checkFilled('columns', rule.columns, fail);
      break;
    case 'rename':
      checkName(rule.to, types, fail);
      break;
    case 'drop':
      checkFilled('columns', rule.columns, fail);
      if (types.size > 0 && [...types.keys()].every((name) => rule.columns.includes(name))) fail('no column would be left; keep one');
      break;
    case 'cast':
      checkCast(rule.to, fail);
      break;
    case 'allowed':
      checkFilled('values', rule.values, fail);
      checkTexts(rule.column, rule.values, types.get(rule.column), fail);
      break;
    case 'matches':
      checkPattern(rule.pattern, fail);
      break;
    case 'range':
      checkRange(rule, types.get(rule.column), fail);
      break;
    default:
      fail(`no such rule; use ${RULES.slice(0, -1).join(', ')} or ${RULES.at(-1)}`);
  }
}

function columnsOf(rule: Rule): readonly string[] {
  if ('column' in rule) return [rule.column];
  if (rule.rule === 'unique' && rule.latest !== undefined) return [...rule.columns, rule.latest];
  return rule.columns ?? [];
}

/** The names that mean nothing to the rules behind this one. */
function leaving(rule: Rule): readonly string[] {
  if (rule.rule === 'rename') return [rule.column];
  return rule.rule === 'drop' ? rule.columns : [];
}

function applyTo(types: Map<string, ColumnType>, rule: Rule): void {
  if (rule.rule === 'cast') types.set(rule.column, parseType(rule.to));
  if (rule.rule === 'hash') for (const name of rule.columns) types.set(name, parseType(HASHED));
  if (rule.rule === 'rename' && types.has(rule.column)) types.set(rule.to, types.get(rule.column)!);
  for (const name of leaving(rule)) types.delete(name);
}

function checkVersion(column: string, type: ColumnType | undefined, fail: Fail): void {
  if (!type || isVersion(type)) return;
  fail(`column '${column}' is ${type.kind}, which does not say what is newer; name a column of whole numbers, decimals, dates or times`);
}

function checkName(name: string, types: ReadonlyMap<string, ColumnType>, fail: Fail): void {
  const bytes = Buffer.byteLength(name);
  if (bytes === 0 || bytes > LONGEST_NAME_BYTES) fail(`the new name has ${bytes} bytes; give it 1 to ${LONGEST_NAME_BYTES}`);
  if (types.has(name)) fail(`there is a column '${name}' already; take another name, or drop that column first`);
}

function checkFilled(field: string, texts: readonly string[] | undefined, fail: Fail): void {
  if (texts?.length === 0) fail(`${field} is empty; name at least one`);
}

function checkCast(to: string, fail: Fail): void {
  try {
    parseType(to);
  } catch (error) {
    fail((error as Error).message);
  }
}

function checkPattern(pattern: string, fail: Fail): void {
  try {
    compilePattern(pattern);
  } catch (error) {
    fail(`${(error as Error).message.replace(/^Invalid regular expression: /, 'bad pattern ')}; write a JavaScript regular expression`);
  }
}

function checkTexts(column: string, texts: readonly string[], type: ColumnType | undefined, fail: Fail): void {
  if (!type) return;
  for (const text of texts) {
    if (convertText(type, text) === undefined) fail(`'${text}' is no ${type.kind}, which column '${column}' is; write a value of that type`);
  }
}

function checkRange(rule: Extract<Rule, { rule: 'range' }>, type: ColumnType | undefined, fail: Fail): void {
  const { column, min, max } = rule;
  if (min === undefined && max === undefined) fail('it has neither min nor max; give one of them');
  if (type && UNORDERED.has(type.kind)) fail(`column '${column}' is ${type.kind}, which has no order; use allowed`);
  checkTexts(
    column,
    [min, max].filter((bound) => bound !== undefined),
    type,
    fail,
  );
  if (min !== undefined && max !== undefined && isAbove(min, max, type)) fail(`min '${min}' is above max '${max}'; swap them`);
}

/** Whether no value can be between; where the type is not known yet, only when that holds for numbers. */
function isAbove(min: string, max: string, type: ColumnType | undefined): boolean {
  switch (type?.kind) {
    case undefined:
      return min.trim() !== '' && max.trim() !== '' && Number(min) > Number(max);
    case 'varchar':
    case 'date':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return Buffer.compare(Buffer.from(convertText(type, min)!), Buffer.from(convertText(type, max)!)) > 0;
    default:
      return Number(min) > Number(max);
  }
}
