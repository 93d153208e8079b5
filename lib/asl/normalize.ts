import type { State, StateMachineAsl, States } from './types';
import { edges } from './walk';

/** The order in which people read a state; fields that are not named here come before `Assign`. */
const FIELDS = {
  first: [
    ...['Type', 'Comment', 'QueryLanguage', 'Resource', 'Arguments', 'Items', 'ItemReader', 'ItemSelector', 'ItemBatcher', 'MaxConcurrency'],
    ...['ItemProcessor', 'Branches', 'ResultWriter', 'Seconds', 'Timestamp', 'Error', 'Cause'],
  ],
  last: ['Assign', 'Output', 'TimeoutSeconds', 'HeartbeatSeconds', 'Retry', 'Catch', 'Choices', 'Default', 'Next', 'End'],
};
const SCOPE_FIELDS = { first: ['Comment', 'QueryLanguage', 'ProcessorConfig', 'StartAt', 'States'], last: [] };
const RULE_FIELDS = { first: ['Comment', 'Condition', 'ErrorEquals'], last: ['Assign', 'Output', 'Next'] };

/**
 * The same machine written for people: states in flow order, fields in reading order, nothing that says nothing (a
 * QueryLanguage that repeats the machine's, an argument that is null because CDK had no value for it).
 */
export function normalize(asl: StateMachineAsl): StateMachineAsl {
  return normalizeScope(asl, asl.QueryLanguage);
}

function normalizeScope<S extends States>(scope: S, language: string | undefined): S {
  const states = inFlowOrder(scope).map((name) => [name, normalizeState(scope.States[name]!, language)]);
  return ordered({ ...scope, States: Object.fromEntries(states) }, SCOPE_FIELDS);
}

function normalizeState(state: State, language: string | undefined): State {
  const { QueryLanguage, ...rest } = state;
  return ordered(
    {
      ...rest,
      ...(QueryLanguage !== undefined && QueryLanguage !== language && { QueryLanguage }),
      ...(state.Type === 'Task' && isObject(state.Arguments) && { Arguments: withoutNulls(state.Arguments) }),
      ...(state.Branches && { Branches: state.Branches.map((branch) => normalizeScope(branch, language)) }),
      ...(state.ItemProcessor && { ItemProcessor: normalizeScope(state.ItemProcessor, language) }),
      ...(state.Choices && { Choices: state.Choices.map((rule) => ordered(rule, RULE_FIELDS)) }),
      ...(state.Catch && { Catch: state.Catch.map((catcher) => ordered(catcher, RULE_FIELDS)) }),
    },
    FIELDS,
  );
}

/** Depth first from the start, what only errors lead to after everything else, what nothing leads to at the end. */
function inFlowOrder(scope: States): string[] {
  const order = new Set<string>();
  const handlers: string[] = [];
  const follow = (name: string): void => {
    const state = scope.States[name];
    if (!state || order.has(name)) return;
    order.add(name);
    for (const { kind, to } of edges(state)) {
      if (kind === 'catch') handlers.push(to);
      else follow(to);
    }
  };
  follow(scope.StartAt);
  for (let handler = handlers.shift(); handler !== undefined; handler = handlers.shift()) follow(handler);
  return [...new Set([...order, ...Object.keys(scope.States)])];
}

function ordered<T extends object>(fields: T, { first, last }: { first: string[]; last: string[] }): T {
  const place = (field: string) => {
    if (first.includes(field)) return first.indexOf(field);
    return last.includes(field) ? first.length + 1 + last.indexOf(field) : first.length;
  };
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => place(a) - place(b))) as T;
}

/** Only the arguments themselves: a null deeper down, in a payload, is a value. */
function withoutNulls(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
