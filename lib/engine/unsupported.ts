import { distributedProblems } from './distributed/unsupported';
import {
  BRANCH_FIELDS,
  CATCHER_FIELDS,
  DISTRIBUTED_FIELDS,
  fieldProblems,
  MACHINE_FIELDS,
  PLAIN_FIELDS,
  PROCESSOR_CONFIG_FIELDS,
  PROCESSOR_FIELDS,
  RETRIER_FIELDS,
  RULE_FIELDS,
  STATE_FIELDS,
} from './fields';
import { malformed } from './malformed';
import { parseResource } from './task-resource';
import { compile, expressionIn } from './template';

type Json = Readonly<Record<string, unknown>>;

/** Every field and state of a definition that this engine does not implement, as `state 'X': ...`; empty when it can run. Without an `s3`, readers of S3 are among them. */
export function unsupported(definition: object, { s3 }: { readonly s3?: unknown } = {}): string[] {
  const machine = definition as Json;
  const broken = malformed(definition);
  if (broken.length > 0) return broken;
  const scope: Scope = { language: machine.QueryLanguage ?? 'JSONPath', s3: s3 !== undefined };
  return [...prefixed('state machine', fieldProblems(machine, MACHINE_FIELDS)), ...programProblems(machine, 'state machine', scope)];
}

/** What holds for all states of a definition. */
interface Scope {
  /** The query language of states that name none. */
  readonly language: unknown;
  readonly s3: boolean;
}

function programProblems(program: Json, what: string, scope: Scope): string[] {
  if (!isObject(program.States)) return [`${what}: 'States' is ${JSON.stringify(program.States)}, but must be an object`];
  const states = program.States;
  return [
    ...prefixed(what, targetProblems(program.StartAt, 'StartAt', states)),
    ...Object.entries(states).flatMap(([name, state]) =>
      isObject(state)
        ? stateProblems(state, `state '${name}'`, states, scope)
        : [`state '${name}': is ${JSON.stringify(state)}, but must be an object`],
    ),
  ];
}

function stateProblems(state: Json, what: string, siblings: Json, scope: Scope): string[] {
  const type = String(state.Type);
  const fields = STATE_FIELDS[type];
  if (fields === undefined) return [`${what}: type '${type}' is not implemented`];
  if ((state.QueryLanguage ?? scope.language) !== 'JSONata') return jsonPathProblems(state, type, what, siblings);
  const own = [
    ...fieldProblems(state, fields),
    ...flowProblems(state, type, siblings),
    ...expressionProblems(state),
    ...each(state.Choices, 'Choices', RULE_FIELDS, siblings),
    ...each(state.Catch, 'Catch', CATCHER_FIELDS, siblings),
    ...each(state.Retry, 'Retry', RETRIER_FIELDS),
    ...(type === 'Task' ? resourceProblems(state.Resource) : []),
    ...(type === 'Wait' && (state.Seconds === undefined) === (state.Timestamp === undefined) ? [`must have either 'Seconds' or 'Timestamp'`] : []),
  ];
  return [...prefixed(what, own), ...innerProblems(state, what, scope)];
}

function jsonPathProblems(state: Json, type: string, what: string, siblings: Json): string[] {
  const fields = PLAIN_FIELDS[type];
  const advice = `JSONPath is not implemented; set "QueryLanguage": "JSONata"`;
  if (fields === undefined) return [`${what}: ${advice}`];
  const problems = fieldProblems(state, fields).map((problem) => `${problem} without JSONata`);
  return prefixed(what, [...problems, ...(problems.length > 0 ? [advice] : []), ...flowProblems(state, type, siblings)]);
}

/** What is inside a Parallel or Map. */
function innerProblems(state: Json, what: string, scope: Scope): string[] {
  const branches = (Array.isArray(state.Branches) ? state.Branches : []).flatMap((branch, index) => {
    const which = `${what}: Branches[${index}]`;
    return [...prefixed(which, fieldProblems(branch as Json, BRANCH_FIELDS)), ...programProblems(branch as Json, which, scope)];
  });
  if (!isObject(state.ItemProcessor)) return branches;
  const which = `${what}: ItemProcessor`;
  const { ProcessorConfig: config = {} } = state.ItemProcessor;
  const { Mode = 'INLINE' } = config as Json;
  return [
    ...branches,
    ...prefixed(which, fieldProblems(state.ItemProcessor, PROCESSOR_FIELDS)),
    ...prefixed(what, Mode === 'DISTRIBUTED' ? distributedProblems(state, scope.s3) : inlineProblems(state, config as Json, Mode)),
    ...programProblems(state.ItemProcessor, which, scope),
  ];
}

function inlineProblems(state: Json, config: Json, mode: unknown): string[] {
  if (mode !== 'INLINE') return [`ItemProcessor: mode ${JSON.stringify(mode)} is not implemented; INLINE and DISTRIBUTED are`];
  const misplaced = DISTRIBUTED_FIELDS.filter((field) => state[field] !== undefined);
  return [
    ...misplaced.map((field) => `field '${field}' needs a ProcessorConfig with "Mode": "DISTRIBUTED"`),
    ...prefixed('ItemProcessor', fieldProblems(config, PROCESSOR_CONFIG_FIELDS)),
  ];
}

function flowProblems(state: Json, type: string, siblings: Json): string[] {
  if (type === 'Choice') return state.Default === undefined ? [] : targetProblems(state.Default, 'Default', siblings);
  if (type === 'Succeed' || type === 'Fail') return [];
  if (state.End === true) return state.Next === undefined ? [] : [`has both 'Next' and 'End'`];
  return targetProblems(state.Next, 'Next', siblings);
}

function targetProblems(target: unknown, field: string, states: unknown): string[] {
  if (typeof target === 'string' && Object.hasOwn(states as Json, target)) return [];
  return [target === undefined ? `field '${field}' is missing` : `'${field}' names ${JSON.stringify(target)}, which is not a state beside it`];
}

/** The objects in a Choices, Catch or Retry. */
function each(list: unknown, field: string, fields: Readonly<Record<string, 'required' | 'optional'>>, siblings?: Json): string[] {
  return (Array.isArray(list) ? list : []).flatMap((item: Json, index) =>
    prefixed(`${field}[${index}]`, [
      ...fieldProblems(item, fields),
      ...(siblings !== undefined && item.Next !== undefined ? targetProblems(item.Next, 'Next', siblings) : []),
    ]),
  );
}

function resourceProblems(resource: unknown): string[] {
  if (resource === undefined || (typeof resource === 'string' && parseResource(resource) !== undefined)) return [];
  if (typeof resource === 'string' && /^arn:[^:]+:states:[^:]*:[^:]*:activity:/.test(resource)) {
    return [
      `activity ${JSON.stringify(resource)} is not implemented; wait for a task token instead, with arn:aws:states:::service:action.waitForTaskToken`,
    ];
  }
  return [`resource ${JSON.stringify(resource)} is not implemented; a Lambda function ARN and arn:aws:states:::service:action are`];
}

/** Fields whose strings are no templates, and those that hold states, which are looked at by themselves. */
const NOT_TEMPLATES = ['Type', 'Comment', 'QueryLanguage', 'Next', 'Default', 'Resource', 'ErrorEquals', 'Retry', 'Branches', 'ItemProcessor'];

function expressionProblems(value: unknown, location = ''): string[] {
  if (typeof value === 'string') {
    const expression = expressionIn(value);
    return expression === undefined ? [] : syntaxProblems(expression, location);
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => expressionProblems(item, `${location}[${index}]`));
  if (!isObject(value)) return [];
  return Object.entries(value)
    .filter(([key]) => location !== '' || !NOT_TEMPLATES.includes(key))
    .flatMap(([key, item]) => expressionProblems(item, location === '' ? key : `${location}/${key}`));
}

function syntaxProblems(expression: string, location: string): string[] {
  try {
    compile(expression);
    return [];
  } catch (error) {
    return [`'${location}' is not valid JSONata: ${(error as Error).message}`];
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function prefixed(what: string, problems: string[]): string[] {
  return problems.map((problem) => `${what}: ${problem}`);
}
