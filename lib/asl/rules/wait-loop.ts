import { parse } from '../jsonata';
import { type PolledCall, polledCall } from '../polled-services';
import { namesStatus, truthFor } from '../status-condition';
import { expressionIn } from '../strings';
import { type Edge, endsWell, loops, type Scope, type Visit } from '../walk';
import { type Finding, listed, named, type Rule } from './rule';

/**
 * A loop that asks for a status leaves on every terminal one. Waiting for FINISHED and FAILED only, a statement that someone aborted is
 * polled until the history is full.
 */
export const waitLoop: Rule = {
  id: 'wait-loop',
  find: ({ scopes }) =>
    scopes.flatMap((scope) =>
      loops(scope, isForward).flatMap((names) => {
        const loop = [...names].map((name) => scope.visits.get(name)!);
        return canLeave(scope, names) ? loop.flatMap((visit) => findIn(scope, loop, visit)) : [];
      }),
    ),
};

function isForward({ kind }: Edge): boolean {
  return kind !== 'catch';
}

/** A loop that nothing leaves is reported as such. */
function canLeave({ visits }: Scope, names: ReadonlySet<string>): boolean {
  return [...names].some((name) => visits.get(name)!.edges.some((edge) => isForward(edge) && !names.has(edge.to)));
}

function findIn(scope: Scope, loop: readonly Visit[], poll: Visit): Finding[] {
  const polled = polledCall(poll.state);
  if (!polled || endsWell(poll.state)) return [];
  const endless = polled.terminal.filter((status) =>
    loops(scope, (edge, visit) => isTaken(edge, visit, status, polled)).some((names) => names.has(poll.name)),
  );
  if (endless.length === 0) return [];
  const choices = loop.filter(({ state }) => state.Type === 'Choice');
  const decides = choices.some(({ state }) => state.Choices?.some(({ Condition }) => namesIn(Condition, polled)));
  const message = decides
    ? `the loop that polls with ${named(poll)} goes on when the status is ${listed(endless)}; let ${listed(choices.map(({ name }) => name))} leave it then`
    : `the loop that polls with ${named(poll)} cannot be seen to leave on every terminal status (${listed(polled.terminal, 'and')}); compare the status with them in its Choice`;
  return [{ visit: poll, severity: decides ? 'error' : 'warning', message }];
}

/** Whether a way may be taken when the status is this one: of a Choice, the first rule that holds, and those before it that might. */
function isTaken(edge: Edge, { state, edges }: Visit, status: string, polled: PolledCall): boolean {
  if (!isForward(edge)) return false;
  if (state.Type !== 'Choice') return true;
  const rules = edges.filter(({ kind }) => kind === 'choice');
  const truths = rules.map(({ condition }) => truthIn(condition, status, polled));
  const sure = truths.indexOf(true);
  const place = rules.findIndex(({ to, condition }) => to === edge.to && condition === edge.condition);
  if (edge.kind === 'default') return sure < 0;
  return truths[place] !== false && (sure < 0 || place <= sure);
}

function truthIn(condition: unknown, status: string, polled: PolledCall): boolean | undefined {
  if (typeof condition === 'boolean') return condition;
  const ast = astOf(condition);
  return ast && truthFor(ast, status, polled);
}

function namesIn(condition: unknown, polled: PolledCall): boolean {
  const ast = astOf(condition);
  return ast !== undefined && namesStatus(ast, polled);
}

function astOf(condition: unknown) {
  const expression = typeof condition === 'string' ? expressionIn(condition) : undefined;
  const parsed = expression === undefined ? undefined : parse(expression);
  return parsed && 'ast' in parsed ? parsed.ast : undefined;
}
