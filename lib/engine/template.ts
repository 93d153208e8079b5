import jsonata from 'jsonata';
import { ErrorName, StateFailure } from './errors';
import { type Ast, newerSyntax } from './syntax';

/** Evaluation of a `{% %}` went wrong. `location` is the path of the field within the state, such as `Output/total`. */
export class EvaluationFailure extends StateFailure {
  constructor(
    readonly location: string,
    cause: string,
  ) {
    super(ErrorName.QUERY_EVALUATION_ERROR, cause);
  }
}

const EXPRESSION = /^\{%([\s\S]*)%\}$/;
const compiled = new Map<string, jsonata.Expression>();

/** The JSONata inside a string of a definition, or undefined when the string is just a string. */
export function expressionIn(text: string): string | undefined {
  return EXPRESSION.exec(text)?.[1]?.trim();
}

/** Parses an expression once. Throws when it is not valid in the JSONata of the service. */
export function compile(expression: string): jsonata.Expression {
  let result = compiled.get(expression);
  if (result === undefined) {
    result = jsonata(expression);
    const newer = newerSyntax(result.ast() as unknown as Ast);
    if (newer !== undefined) throw new Error(newer);
    compiled.set(expression, result);
  }
  return result;
}

/** Fills in a template: every string that is a `{% %}` becomes its value, everything else stays. The result is plain JSON. */
export async function evaluate(template: unknown, location: string, bindings: Record<string, unknown>): Promise<unknown> {
  if (typeof template === 'string') {
    const expression = expressionIn(template);
    return expression === undefined ? template : evaluateExpression(expression, location, bindings);
  }
  if (Array.isArray(template)) {
    const items: unknown[] = [];
    for (const [index, item] of template.entries()) items.push(await evaluate(item, `${location}[${index}]`, bindings));
    return items;
  }
  if (typeof template === 'object' && template !== null) {
    const object: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(template)) object[key] = await evaluate(value, `${location}/${key}`, bindings);
    return object;
  }
  return template;
}

async function evaluateExpression(expression: string, location: string, bindings: Record<string, unknown>): Promise<unknown> {
  const subject = `The JSONata expression '${expression}' specified for the field '${location}'`;
  let value: unknown;
  try {
    value = await compile(expression).evaluate(undefined, bindings);
  } catch (error) {
    throw new EvaluationFailure(location, `${subject} threw an error during evaluation. ${describe(error)}`);
  }
  if (value === undefined) throw new EvaluationFailure(location, `${subject} returned nothing (undefined).`);
  const json = plain(value);
  if (json === undefined) throw new EvaluationFailure(location, `${subject} returned an unsupported result type.`);
  return json;
}

/** As {@link evaluate}, for a field that takes one type only. */
export async function evaluateAs(type: JsonType, template: unknown, location: string, bindings: Record<string, unknown>): Promise<unknown> {
  const value = await evaluate(template, location, bindings);
  if (typeOf(value) === type) return value;
  const expression = typeof template === 'string' ? expressionIn(template) : undefined;
  const subject = expression === undefined ? 'The value' : `The JSONata expression '${expression}'`;
  const found = `Expected '${type}', but was '${typeOf(value)}' for value: ${JSON.stringify(value)}`;
  throw new EvaluationFailure(location, `${subject} specified for the field '${location}' returned an unexpected result type. ${found}`);
}

export type JsonType = 'null' | 'array' | 'object' | 'string' | 'number' | 'boolean';

function typeOf(value: unknown): JsonType {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : (typeof value as JsonType);
}

function describe(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return code === undefined ? String(message) : `${code}: ${message}`;
}

/** Copies what JSONata returned without the marks it leaves on its arrays. Undefined when it holds what JSON has not: a function, or a number that is not finite. */
function plain(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return undefined;
  if (typeof value === 'function' || typeof value === 'undefined') return undefined;
  if (Array.isArray(value)) return all(value.map(plain));
  // JSON has no negative zero.
  if (typeof value !== 'object' || value === null) return value === 0 ? 0 : value;
  if ('_jsonata_function' in value || '_jsonata_lambda' in value) return undefined;
  const keys = Object.keys(value).filter((key) => (value as Record<string, unknown>)[key] !== undefined);
  const values = all(keys.map((key) => plain((value as Record<string, unknown>)[key])));
  return values && Object.fromEntries(keys.map((key, index) => [key, values[index]]));
}

function all(values: unknown[]): unknown[] | undefined {
  return values.includes(undefined) ? undefined : values;
}
