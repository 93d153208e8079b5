import type { StateMachineAsl } from './types';
import { edges, type Scope, type Visit, walk } from './walk';

/** Services that do a step's work; what a step does beside it (looking up a watermark, reading a manifest, asking for a status) is not its main task. */
const WORK = /^(lambda:invoke|glue:startJobRun|ecs:runTask|states:startExecution|sns:publish|aws-sdk:redshiftdata:(batchExecute|execute)Statement)/;

/** The service and action that a Task's resource names: what follows `:::`, without the way of waiting. */
export function integrationOf(resource: string): string {
  return resource.split(':::')[1] ?? resource;
}

/** The step that a state belongs to: what stands before `: ` in its name. A state named otherwise is a step of its own. */
export function stepOf(state: string): string {
  return state.split(': ')[0]!;
}

/** The Task that does each step's work, by step, in flow order. */
export function mainTasks(definition: object): ReadonlyMap<string, string> {
  const tasks = inFlowOrder(walk(definition as StateMachineAsl).top).filter(({ state }) => state.Type === 'Task');
  const main = new Map<string, string>();
  for (const { name, state } of tasks) {
    if (!main.has(stepOf(name)) && WORK.test(integrationOf(state.Resource ?? ''))) main.set(stepOf(name), name);
  }
  return main;
}

/** States in the order in which a run meets them, the inside of a Parallel or Map before what follows it. */
function inFlowOrder(scope: Scope): Visit[] {
  const seen = new Set<string>();
  const from = (name: string): Visit[] => {
    const visit = scope.visits.get(name);
    if (!visit || seen.has(name)) return [];
    seen.add(name);
    return [visit, ...visit.inner.flatMap(inFlowOrder), ...edges(visit.state).flatMap(({ to }) => from(to))];
  };
  return from(scope.startAt);
}
