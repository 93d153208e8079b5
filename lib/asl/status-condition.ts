import { type Ast, children } from '../engine/syntax';
import type { PolledCall } from './polled-services';

/** What a condition says for one status; undefined where it depends on something else, too. */
export type Truth = boolean | undefined;

/** Whether a Choice's condition holds when the polled status is `status`. Whatever is compared with one of the call's statuses is taken to be the status. */
export function truthFor(condition: Ast, status: string, polled: PolledCall): Truth {
  const truth = (node: Ast): Truth => truthFor(node, status, polled);
  if (condition.type === 'value') return condition.value === true;
  if (condition.type === 'block') return blockTruth(condition, truth);
  if (condition.type === 'function') return negation(condition, truth);
  if (condition.type !== 'binary') return undefined;
  const [lhs, rhs] = [condition.lhs, condition.rhs] as [Ast, Ast];
  switch (condition.value) {
    case 'and':
      return both(truth(lhs), truth(rhs));
    case 'or':
      return not(both(not(truth(lhs)), not(truth(rhs))));
    case '=':
      return isOneOf(status, polled, [...statusesIn(lhs), ...statusesIn(rhs)]);
    case '!=':
      return not(isOneOf(status, polled, [...statusesIn(lhs), ...statusesIn(rhs)]));
    case 'in':
      return isOneOf(status, polled, statusesIn(rhs));
    default:
      return undefined;
  }
}

/** Whether the condition names any status of the call. */
export function namesStatus(condition: Ast, { terminal, running }: PolledCall): boolean {
  const isStatus = condition.type === 'string' && [...terminal, ...running].includes(condition.value as string);
  return isStatus || children(condition).some((child) => namesStatus(child, { terminal, running }));
}

function blockTruth({ expressions }: Ast, truth: (node: Ast) => Truth): Truth {
  const [only, ...more] = expressions as Ast[];
  return only && more.length === 0 ? truth(only) : undefined;
}

/** `$not(...)`; of other functions nothing is known. */
function negation({ procedure, arguments: args }: Ast, truth: (node: Ast) => Truth): Truth {
  const [argument] = args as Ast[];
  return (procedure as Ast).value === 'not' && argument ? not(truth(argument)) : undefined;
}

/** The text literals of a node that is one, or a list of nothing else. */
function statusesIn(literal: Ast): string[] {
  if (literal.type === 'string') return [literal.value as string];
  const items = literal.type === 'unary' && literal.value === '[' ? (literal.expressions as Ast[]) : [];
  return items.every(({ type }) => type === 'string') ? items.map(({ value }) => value as string) : [];
}

function isOneOf(status: string, { terminal, running }: PolledCall, statuses: readonly string[]): Truth {
  if (statuses.includes(status)) return true;
  return statuses.some((other) => terminal.includes(other) || running.includes(other)) ? false : undefined;
}

function not(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth;
}

function both(one: Truth, other: Truth): Truth {
  if (one === false || other === false) return false;
  return one === undefined || other === undefined ? undefined : true;
}
