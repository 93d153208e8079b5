import type { Ast } from '../../engine/syntax';
import { type Parsed, parse } from '../jsonata';
import { expressionIn } from '../strings';

/** A value that the definition does not tell. */
export const UNKNOWN = Symbol('unknown');

/** An object of which only some members are known; the others may be anything. */
export class Partly {
  constructor(readonly members: Readonly<Record<string, unknown>>) {}
}

/** What is known of variables: those that are not here are unknown. */
export type Known = ReadonlyMap<string, unknown>;

const MOST_ITEMS = 1_000_000;
/** A loop evaluates the same expressions in each turn. */
const parsedBefore = new Map<string, Parsed>();

/** What a field's value is at run time, as far as it depends on what is known. `undefined` is JSONata's nothing. */
export function valueIn(template: unknown, known: Known): unknown {
  if (Array.isArray(template)) return template.map((item) => valueIn(item, known));
  if (typeof template === 'object' && template !== null)
    return Object.fromEntries(Object.entries(template).map(([name, item]) => [name, valueIn(item, known)]));
  if (typeof template !== 'string') return template;
  const expression = expressionIn(template);
  if (expression === undefined) return template;
  const parsed = parsedBefore.get(expression) ?? parse(expression);
  parsedBefore.set(expression, parsed);
  return 'ast' in parsed ? value(parsed.ast, known) : UNKNOWN;
}

function value(ast: Ast, known: Known): unknown {
  switch (ast.type) {
    case 'number':
    case 'string':
    case 'value':
      return ast.value;
    case 'variable':
      return known.has(ast.value as string) ? known.get(ast.value as string) : UNKNOWN;
    case 'path':
      return pathValue(ast.steps as Ast[], known);
    case 'binary':
      return binaryValue(ast, known);
    case 'unary':
      return unaryValue(ast, known);
    case 'function':
      return functionValue(ast, known);
    case 'condition':
      return conditionValue(ast, known);
    case 'block':
      return (ast.expressions as Ast[]).length === 1 ? value((ast.expressions as Ast[])[0]!, known) : UNKNOWN;
    default:
      return UNKNOWN;
  }
}

function pathValue([first, ...steps]: readonly Ast[], known: Known): unknown {
  let at = value(first!, known);
  for (const step of [first!, ...steps]) if (step.stages !== undefined || step.predicate !== undefined) return UNKNOWN;
  for (const { type, value: name } of steps) {
    if (type !== 'name') return UNKNOWN;
    at = member(at, name as string);
  }
  return at;
}

function member(of: unknown, name: string): unknown {
  if (of === UNKNOWN || Array.isArray(of)) return UNKNOWN;
  if (of instanceof Partly) return name in of.members ? of.members[name] : UNKNOWN;
  return typeof of === 'object' && of !== null ? (of as Record<string, unknown>)[name] : undefined;
}

function binaryValue(ast: Ast, known: Known): unknown {
  const [left, right] = [value(ast.lhs as Ast, known), value(ast.rhs as Ast, known)];
  if (ast.value === 'and' || ast.value === 'or') return logical(ast.value, truth(left), truth(right));
  if (!isKnown(left) || !isKnown(right)) return UNKNOWN;
  if (ast.value === '=') return same(left, right);
  if (ast.value === '!=') return left !== undefined && right !== undefined && !same(left, right);
  if (ast.value === 'in') return (Array.isArray(right) ? right : [right]).some((item) => same(item, left));
  if (ast.value === '&') return `${left ?? ''}${right ?? ''}`;
  return typeof left === 'number' && typeof right === 'number' ? arithmetic(ast.value as string, left, right) : undefined;
}

function arithmetic(operator: string, left: number, right: number): unknown {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '%':
      return left % right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    case '..':
      return right - left < MOST_ITEMS ? Array.from({ length: Math.max(0, right - left + 1) }, (_, index) => left + index) : UNKNOWN;
    default:
      return UNKNOWN;
  }
}

function logical(operator: 'and' | 'or', left: boolean | undefined, right: boolean | undefined): unknown {
  const decides = operator === 'or';
  if (left === decides || right === decides) return decides;
  return left === undefined || right === undefined ? UNKNOWN : !decides;
}

function unaryValue(ast: Ast, known: Known): unknown {
  if (ast.value === '-') {
    const negated = value(ast.expression as Ast, known);
    return typeof negated === 'number' ? -negated : UNKNOWN;
  }
  if (ast.value === '{') return objectValue(ast.lhs as (readonly [Ast, Ast])[], known);
  if (ast.value !== '[') return UNKNOWN;
  const items = (ast.expressions as Ast[]).map((item) => value(item, known));
  return items.every(isKnown) ? items.flat() : UNKNOWN;
}

function objectValue(pairs: readonly (readonly [Ast, Ast])[], known: Known): unknown {
  const members = pairs.map(([name, of]) => [value(name, known), value(of, known)] as const);
  return members.every(([name]) => typeof name === 'string') ? Object.fromEntries(members) : UNKNOWN;
}

function conditionValue({ condition, then, else: otherwise }: Ast, known: Known): unknown {
  const holds = truth(value(condition as Ast, known));
  if (holds === undefined) return UNKNOWN;
  if (holds) return value(then as Ast, known);
  return otherwise === undefined ? undefined : value(otherwise as Ast, known);
}

const NUMERIC: Readonly<Record<string, ((items: readonly number[]) => unknown) | undefined>> = {
  min: (items) => Math.min(...items),
  max: (items) => Math.max(...items),
  sum: (items) => items.reduce((sum, item) => sum + item, 0),
  floor: ([item]) => Math.floor(item!),
  ceil: ([item]) => Math.ceil(item!),
  abs: ([item]) => Math.abs(item!),
  number: ([item]) => item,
  power: ([base, exponent]) => base! ** exponent!,
};

function functionValue({ procedure, arguments: args }: Ast, known: Known): unknown {
  const name = (procedure as Ast).value as string;
  const values = (args as Ast[]).map((argument) => value(argument, known));
  if (name === 'millis') return known.has('millis()') ? known.get('millis()') : UNKNOWN;
  if (values.includes(UNKNOWN)) return UNKNOWN;
  switch (name) {
    case 'exists':
      return values[0] !== undefined;
    case 'not':
      return negated(truth(values[0]));
    case 'boolean':
      return truth(values[0]) ?? UNKNOWN;
    case 'count':
      return values[0] instanceof Partly ? UNKNOWN : [values[0]].flat().filter((item) => item !== undefined).length;
    default: {
      const numbers = values.flat();
      const calculate = NUMERIC[name];
      return calculate && numbers.length > 0 && numbers.every((item): item is number => typeof item === 'number') ? calculate(numbers) : UNKNOWN;
    }
  }
}

function negated(holds: boolean | undefined): unknown {
  return holds === undefined ? UNKNOWN : !holds;
}

/** As JSONata takes a value for true or false; undefined if that is not known. */
export function truth(of: unknown): boolean | undefined {
  if (of === UNKNOWN || of instanceof Partly) return undefined;
  if (Array.isArray(of)) return of.some((item) => truth(item) === true);
  if (typeof of === 'object' && of !== null) return Object.keys(of).length > 0;
  return Boolean(of);
}

/** Whether all of a value is known. */
function isKnown(of: unknown): boolean {
  if (of === UNKNOWN || of instanceof Partly) return false;
  return typeof of !== 'object' || of === null || Object.values(of).every(isKnown);
}

function same(left: unknown, right: unknown): boolean {
  return left !== undefined && JSON.stringify(left) === JSON.stringify(right);
}
