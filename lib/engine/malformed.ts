import { expressionIn } from './template';

type Json = Readonly<Record<string, unknown>>;

/** The JSON types of fields, in words, and how to tell them. */
const IS = {
  'an object': isObject,
  'an array of objects': (value: unknown) => Array.isArray(value) && value.every(isObject),
  'an array of strings': (value: unknown) => Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string'),
  'true or false': (value: unknown) => typeof value === 'boolean',
  'a number': (value: unknown) => typeof value === 'number' && value >= 0,
  'a number or an expression': (value: unknown) => IS['a number'](value) || isExpression(value),
  'an array or an expression': (value: unknown) => Array.isArray(value) || isExpression(value),
} as const;

type Types = Readonly<Record<string, keyof typeof IS>>;

const PROGRAM: Types = { TimeoutSeconds: 'a number' };
const STATE: Types = {
  End: 'true or false',
  Assign: 'an object',
  Retry: 'an array of objects',
  Catch: 'an array of objects',
  Choices: 'an array of objects',
  Branches: 'an array of objects',
  Items: 'an array or an expression',
  ItemProcessor: 'an object',
  ItemReader: 'an object',
  ItemBatcher: 'an object',
  ResultWriter: 'an object',
  Seconds: 'a number or an expression',
  TimeoutSeconds: 'a number or an expression',
  HeartbeatSeconds: 'a number or an expression',
  MaxConcurrency: 'a number or an expression',
  ToleratedFailureCount: 'a number or an expression',
  ToleratedFailurePercentage: 'a number or an expression',
};
/** What is inside the fields of a Map. */
const INSIDE: Readonly<Record<string, Types>> = {
  ItemProcessor: { ProcessorConfig: 'an object' },
  ItemReader: { ReaderConfig: 'an object' },
  ResultWriter: { WriterConfig: 'an object' },
};
const RULE: Types = {
  Assign: 'an object',
  ErrorEquals: 'an array of strings',
  IntervalSeconds: 'a number',
  MaxAttempts: 'a number',
  BackoffRate: 'a number',
  MaxDelaySeconds: 'a number',
};

/** Every place where a definition has JSON of the wrong type, as `state 'X': ...`. Until these are mended, what else is wrong cannot be told. */
export function malformed(definition: object): string[] {
  return programProblems(definition as Json, 'state machine');
}

function programProblems(program: Json, what: string): string[] {
  const { States: states } = program;
  const own = typeProblems(program, PROGRAM);
  if (!isObject(states)) return prefixed(what, [...own, `'States' is ${JSON.stringify(states)}, but must be an object`]);
  return [
    ...prefixed(what, own),
    ...Object.entries(states).flatMap(([name, state]) =>
      isObject(state) ? stateProblems(state, `state '${name}'`) : [`state '${name}': is ${JSON.stringify(state)}, but must be an object`],
    ),
  ];
}

function stateProblems(state: Json, what: string): string[] {
  const rules = ['Choices', 'Catch', 'Retry'].flatMap((field) =>
    objectsIn(state[field]).flatMap((rule, index) => prefixed(`${field}[${index}]`, typeProblems(rule, RULE))),
  );
  const inside = Object.entries(INSIDE).flatMap(([field, types]) => {
    const value = state[field];
    return isObject(value) ? prefixed(field, typeProblems(value, types)) : [];
  });
  return [
    ...prefixed(what, [...typeProblems(state, STATE), ...rules, ...inside]),
    ...objectsIn(state.Branches).flatMap((branch, index) => programProblems(branch, `${what}: Branches[${index}]`)),
    ...(isObject(state.ItemProcessor) ? programProblems(state.ItemProcessor, `${what}: ItemProcessor`) : []),
  ];
}

function typeProblems(object: Json, types: Types): string[] {
  return Object.entries(types)
    .filter(([field, type]) => object[field] !== undefined && !IS[type](object[field]))
    .map(([field, type]) => `'${field}' is ${JSON.stringify(object[field])}, but must be ${type}`);
}

function isExpression(value: unknown): boolean {
  return typeof value === 'string' && expressionIn(value) !== undefined;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const objectsIn = (list: unknown): Json[] => (Array.isArray(list) ? list.filter(isObject) : []);

const prefixed = (what: string, problems: readonly string[]): string[] => problems.map((problem) => `${what}: ${problem}`);
