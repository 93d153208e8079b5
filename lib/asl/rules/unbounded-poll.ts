import { type Ast, children } from '../../engine/syntax';
import { parse } from '../jsonata';
import { polledCall } from '../polled-services';
import { referencesOf } from '../references';
import { expressionIn, stringsOf } from '../strings';
import { type Edge, loops, type Scope, type Visit } from '../walk';
import { type Finding, listed, named, type Rule } from './rule';

const CLOCK = ['millis', 'now'];
const COMPARISONS = new Set(['<', '<=', '>', '>=', '=', '!=']);

/**
 * A loop that waits for something outside gives up at last: a way out asks for the time, or for a number that each turn changes. Without one, what never
 * comes is asked for until the history is full, or the whole run is out of time.
 */
export const unboundedPoll: Rule = {
  id: 'unbounded-poll',
  find: ({ scopes }) =>
    scopes.flatMap((scope) =>
      loops(scope, isForward).flatMap((names) =>
        findIn(
          scope,
          [...names].map((name) => scope.visits.get(name)!),
        ),
      ),
    ),
};

function isForward({ kind }: Edge): boolean {
  return kind !== 'catch';
}

function findIn(scope: Scope, loop: readonly Visit[]): Finding[] {
  const poll = loop.find(({ state }) => polledCall(state)) ?? loop.find(({ state }) => state.Type === 'Wait');
  const leaving = loop.filter(({ state, edges }) => state.Type === 'Choice' && edges.some((edge) => isForward(edge) && leads(scope, loop, edge)));
  if (!poll || leaving.length === 0 || leaving.some((choice) => isBound(choice, loop))) return [];
  const way = listed(leaving.map(({ name }) => name));
  return [
    {
      visit: poll,
      message: `the loop of ${named(poll)} goes on until an answer that may never come; let ${way} leave it at a deadline, as in $millis() > $deadline, or use PollUntil, which has one`,
    },
  ];
}

/** Whether a way goes out of the loop, to a state that exists. */
function leads(scope: Scope, loop: readonly Visit[], { to }: Edge): boolean {
  return scope.visits.has(to) && !loop.some(({ name }) => name === to);
}

function isBound({ edges }: Visit, loop: readonly Visit[]): boolean {
  const changing = changedEachTurn(loop);
  return edges.some(({ condition }) => {
    const ast = astOf(condition);
    if (!ast) return false;
    const read = [...referencesOf(ast).variables];
    const times = nodesOf(ast).some((node) => node.type === 'path' && namesOf(node).some((name) => name === 'EnteredTime' || name === 'StartTime'));
    return (
      times || read.some((name) => CLOCK.includes(name) || changing.variables.has(name)) || compared(ast).some((name) => changing.fields.has(name))
    );
  });
}

/** Variables that are assigned from themselves, and fields of the input that are counted up or down. */
function changedEachTurn(loop: readonly Visit[]): { readonly variables: ReadonlySet<string>; readonly fields: ReadonlySet<string> } {
  const [variables, fields] = [new Set<string>(), new Set<string>()];
  for (const { text, at } of loop.flatMap(({ state }) => stringsOf(state))) {
    const ast = astOf(text);
    if (!ast) continue;
    const assigned = at.includes('Assign') ? at[at.indexOf('Assign') + 1]! : undefined;
    if (assigned !== undefined && referencesOf(ast).variables.has(assigned)) variables.add(assigned);
    const sums = nodesOf(ast).filter(({ type, value }) => type === 'binary' && (value === '+' || value === '-'));
    for (const name of sums.flatMap(pathEnds)) fields.add(name);
  }
  return { variables, fields };
}

/** The fields that are compared with something. */
function compared(ast: Ast): string[] {
  return nodesOf(ast)
    .filter(({ type, value }) => type === 'binary' && COMPARISONS.has(value as string))
    .flatMap(pathEnds);
}

/** The last names of the paths on both sides. */
function pathEnds({ lhs, rhs }: Ast): string[] {
  return [lhs as Ast, rhs as Ast].filter(({ type }) => type === 'path').flatMap((path) => namesOf(path).slice(-1));
}

function namesOf(path: Ast): string[] {
  return (path.steps as Ast[]).filter(({ type }) => type === 'name').map(({ value }) => value as string);
}

function nodesOf(ast: Ast): Ast[] {
  return [ast, ...children(ast).flatMap(nodesOf)];
}

function astOf(text: unknown): Ast | undefined {
  const expression = typeof text === 'string' ? expressionIn(text) : undefined;
  const parsed = expression === undefined ? undefined : parse(expression);
  return parsed && 'ast' in parsed ? parsed.ast : undefined;
}
