import type { Column, Rule } from '../contract';
import { list, PermanentError } from '../shared/errors';
import { type ColumnType, parseType } from '../shared/types';
import { convertText } from './types/convert';

/** Types whose values have no order that a range could mean. */
const UNORDERED: ReadonlySet<string> = new Set(['boolean']);

/**
 * Refuses rules that could not run, as `InvalidInput`: an unknown rule or column, a bad type or pattern, bounds the wrong way round. Constructs
 * call it at synth, where the columns are not known yet, the handlers with them.
 */
export function validateRules(rules: readonly Rule[], columns?: readonly Column[]): void {
  const types = new Map(columns?.map((column) => [column.name, parseType(column.type)]));
  rules.forEach((rule, index) => {
    const fail = (why: string): never => {
      throw new PermanentError('InvalidInput', `rule ${index + 1} (${rule.rule}): ${why}`);
    };
    if (columns) for (const name of columnsOf(rule)) if (!types.has(name)) fail(`no column '${name}'; the dataset has ${list([...types.keys()])}`);
    check(rule, rules.slice(0, index), types, fail);
    if (rule.rule === 'cast') types.set(rule.column, parseType(rule.to));
  });
}

/** The columns of the cleaned rows: casts change types, `required` makes a column NOT NULL. */
export function cleanedColumns(rules: readonly Rule[], columns: readonly Column[]): Column[] {
  return columns.map((column) => {
    let { type, nullable } = column;
    for (const rule of rules) {
      if (rule.rule === 'cast' && rule.column === column.name) type = rule.to;
      if (rule.rule === 'required' && rule.columns.includes(column.name)) nullable = false;
    }
    return { ...column, type, nullable };
  });
}

/** The pattern of a `matches` rule: it may match anywhere in the value, and counts characters, not UTF-16 units. */
export function compilePattern(pattern: string): RegExp {
  return new RegExp(pattern, 'u');
}

type Fail = (why: string) => never;

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
      fail('no such rule; use trim, nullIf, cast, required, allowed, matches, range or unique');
  }
}

function columnsOf(rule: Rule): readonly string[] {
  if ('column' in rule) return [rule.column];
  return rule.columns ?? [];
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
