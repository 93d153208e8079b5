import { AwsError, notEmulated } from '../aws/error';
import { states } from './errors';

/** A member of an operation's input, with the limits of the service's model. */
export interface Member {
  readonly type: 'string' | 'integer' | 'boolean';
  readonly required?: true;
  readonly min?: number;
  readonly max?: number;
  readonly values?: readonly string[];
  /** Holds data: measured in bytes, and repeated by no message. */
  readonly data?: true;
}

type Members = Readonly<Record<string, Member>>;
type Value<M extends Member> = M['type'] extends 'integer' ? number : M['type'] extends 'boolean' ? boolean : string;
type Input<S extends Members> = { readonly [K in keyof S]: S[K] extends { readonly required: true } ? Value<S[K]> : Value<S[K]> | undefined };

/** Answers one operation of the service, given the JSON text of its input. */
export type Operation = (text: string) => Promise<object>;

/** An operation that takes these members and no others; `name` is for its messages. */
export function operation<const S extends Members>(name: string, members: S, answer: (input: Input<S>) => object | Promise<object>): Operation {
  return async (text) => answer(readInput(name, members, text) as Input<S>);
}

/** Members that many operations have. */
export const ARN = { type: 'string', required: true, min: 1, max: 256 } as const;
export const PAGE = { maxResults: { type: 'integer', min: 0, max: 1000 }, nextToken: { type: 'string', min: 1, max: 3096 } } as const;
export const STOP_REASON = { error: { type: 'string', max: 256 }, cause: { type: 'string', max: 32_768, data: true } } as const;

/** What Step Functions says of a state machine that logs and traces nothing. */
export const UNLOGGED = { loggingConfiguration: { level: 'OFF', includeExecutionData: false }, tracingConfiguration: { enabled: false } } as const;

/** A time as the JSON protocols carry it. */
export const seconds = (ms: number): number => Math.round(ms) / 1000;

function readInput(name: string, members: Members, text: string): Record<string, unknown> {
  const given = Object.entries(parse(text)).filter(([, value]) => value !== null);
  const unknown = given.filter(([key]) => !Object.hasOwn(members, key)).map(([key]) => `'${key}'`);
  if (unknown.length > 0) throw notEmulated(`${unknown.join(', ')} in ${name}, which here takes: ${Object.keys(members).join(', ')}`);
  const input = Object.fromEntries(given);
  for (const [key, value] of given) checkType(value, members[key]!.type);
  const problems = Object.entries(members).flatMap(([key, member]) => problemOf(input[key], key, member));
  if (problems.length > 0) throw states.validation(problems);
  return input;
}

function parse(text: string): object {
  try {
    const input: unknown = JSON.parse(text === '' ? '{}' : text);
    if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input;
  } catch {
    // Told below, without the text.
  }
  throw new AwsError('SerializationException', 'the request is not a JSON object');
}

function checkType(value: unknown, type: Member['type']): void {
  const fits = type === 'integer' ? Number.isInteger(value) : typeof value === type;
  const found = Array.isArray(value) ? 'array' : typeof value;
  if (!fits) throw new AwsError('SerializationException', `a value of type ${found} cannot be converted to ${type}`);
}

function problemOf(value: unknown, key: string, member: Member): string[] {
  const { min = 0, max = Infinity } = member;
  const told = value === undefined ? 'null' : member.data ? '(not shown)' : `'${value}'`;
  const violates = (constraint: string) => [`Value ${told} at '${key}' failed to satisfy constraint: Member must ${constraint}`];
  if (value === undefined) return member.required ? violates('not be null') : [];
  if (member.values && !member.values.includes(String(value))) return violates(`satisfy enum value set: [${member.values.join(', ')}]`);
  const length = (text: string) => (member.data ? Buffer.byteLength(text) : text.length);
  const [size, what] = typeof value === 'string' ? [length(value), 'length'] : [Number(value), 'value'];
  if (size < min) return violates(`have ${what} greater than or equal to ${min}`);
  return size > max ? violates(`have ${what} less than or equal to ${max}`) : [];
}
