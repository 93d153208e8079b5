import { type Clock, type ExecuteOptions, type Execution, execute, TaskError, type TaskHandler, VirtualClock } from '../../lib/engine';

export const LAMBDA = 'arn:aws:states:::lambda:invoke';

type Fields = Record<string, unknown>;

/** A JSONata machine of these states, the first of which is its start. */
export function machine(states: Record<string, Fields>, fields: Fields = {}): object {
  return { QueryLanguage: 'JSONata', ...program(states), ...fields };
}

/** States with their start, as a branch or an item processor has them. */
export function program(states: Record<string, Fields>): Fields {
  return { StartAt: Object.keys(states)[0], States: states };
}

export function task(fields: Fields = {}): Fields {
  return { Type: 'Task', Resource: LAMBDA, ...('Next' in fields ? {} : { End: true }), ...fields };
}

export function pass(fields: Fields = {}): Fields {
  return { Type: 'Pass', ...('Next' in fields ? {} : { End: true }), ...fields };
}

/** Runs a machine on a virtual clock that starts at 0, with tasks that answer null. */
export function run(definition: object, options: Partial<ExecuteOptions> = {}): Promise<Execution> {
  return execute(definition, { name: 'run-1', stateMachineName: 'orders', clock: new VirtualClock(0), tasks: async () => null, ...options });
}

/** A task that fails with these errors in turn, then succeeds; `times` is when it was called. */
export function failing(clock: Clock, ...errors: string[]): { tasks: TaskHandler; times: number[] } {
  const times: number[] = [];
  const tasks: TaskHandler = async () => {
    const error = errors[times.length];
    times.push(clock.now());
    if (error !== undefined) throw new TaskError(error, `failure ${times.length}`);
    return 'done';
  };
  return { tasks, times };
}

export function types(execution: Execution): string[] {
  return execution.history.map((event) => event.type);
}
