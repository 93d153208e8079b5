import type { StateMachineAsl } from '../../asl';
import { integrationOf, mainTasks } from '../../asl/steps';
import { walk } from '../../asl/walk';
import { type Attempt, type Clock, TaskError, type TaskHandler, type TaskRequest } from '../../engine';
import type { Fault } from './fault';
import { throttlingError } from './throttling';

/** Faults that strike the work of a state. */
const AT_WORK: readonly Fault['kind'][] = ['latency', 'fail', 'timeOut', 'throttle', 'malformed'];

/** What a fault needs to know of the attempt that it strikes. */
interface Struck {
  readonly state: string;
  readonly signal: AbortSignal;
  readonly timedOut: () => Promise<unknown>;
  readonly throttling: string;
  /** What a malformed answer has in it. */
  readonly nothing?: unknown;
}

/** The faults of one run, each with how often it may still strike. */
export class FaultPlan {
  private readonly planned: readonly Planned[];

  constructor(
    faults: readonly Fault[],
    definition: object,
    private readonly clock: Clock,
  ) {
    const { visits } = walk(definition as StateMachineAsl);
    const types = new Map(visits.map(({ name, state }) => [name, state.Type]));
    const steps = mainTasks(definition);
    this.planned = faults.map((fault) => new Planned(fault, stateOf(fault, types, steps)));
  }

  /** Whether the run is stopped as it enters the state. */
  aborts(state: string): boolean {
    return this.planned.some((each) => each.state === state && each.fault.kind === 'abortAt');
  }

  /** What happens around an attempt of any state. What a task's service does is {@link task}'s. */
  async around({ state, type, item, signal }: Attempt, work: () => Promise<unknown>): Promise<unknown> {
    if (this.take(state, item, ['expireAt'])) return this.clock.sleep(Number.POSITIVE_INFINITY, signal);
    const fault = type === 'Task' ? undefined : this.take(state, item, AT_WORK);
    if (fault === undefined) return work();
    // Nothing but a task inside it lets a Parallel or Map time out or be throttled.
    const timedOut = () => Promise.reject(new TaskError('States.Timeout'));
    return this.strike(fault, { state, signal, timedOut, throttling: 'States.TaskFailed' }, work);
  }

  /** The handler with the faults in front of it. */
  task(handler: TaskHandler): TaskHandler {
    return async (request) => {
      const { state, resource, signal } = request;
      const fault = this.take(state, itemOf(request), AT_WORK);
      if (fault === undefined) return handler(request);
      const timedOut = () => this.clock.sleep(Number.POSITIVE_INFINITY, signal);
      const struck = { state, signal, timedOut, throttling: throttlingError(resource), nothing: nothing(resource) };
      return this.strike(fault, struck, () => handler(request));
    };
  }

  private async strike(fault: Fault, { state, signal, timedOut, throttling, nothing }: Struck, work: () => Promise<unknown>): Promise<unknown> {
    const cause = fault.cause ?? `injected: ${fault.kind} of '${state}'`;
    switch (fault.kind) {
      case 'latency':
        await this.clock.sleep(fault.ms!, signal);
        return work();
      case 'timeOut':
        return timedOut();
      case 'malformed':
        await work();
        return 'answer' in fault ? fault.answer : nothing;
      default:
        if (fault.afterWork) await work();
        throw new TaskError(fault.error ?? throttling, cause);
    }
  }

  private take(state: string, item: number | undefined, kinds: readonly Fault['kind'][]): Fault | undefined {
    return this.planned.find((each) => each.state === state && kinds.includes(each.fault.kind) && each.strikes(item))?.fault;
  }
}

class Planned {
  private struck = 0;
  private item?: number | 'none';

  constructor(
    readonly fault: Fault,
    readonly state: string,
  ) {}

  /** Counts a strike, unless the fault is used up or keeps to another item. */
  strikes(item: number | 'none' = 'none'): boolean {
    this.item ??= item;
    if (this.struck >= this.fault.times || (this.fault.times !== Number.POSITIVE_INFINITY && this.item !== item)) return false;
    this.struck += 1;
    return true;
  }
}

function stateOf({ state, kind }: Fault, types: ReadonlyMap<string, string>, steps: ReadonlyMap<string, string>): string {
  const name = types.has(state) ? state : steps.get(state);
  if (name === undefined) {
    throw new Error(
      `no state or step '${state}' to ${kind}; the machine has the states '${[...types.keys()].join("', '")}' and the steps '${[...steps.keys()].join("', '")}'`,
    );
  }
  if (kind === 'malformed' && types.get(name) !== 'Task')
    throw new Error(`the answer of '${name}' comes from what is inside it; let a task there be malformed`);
  const works = ['Task', 'Parallel', 'Map'].includes(types.get(name)!);
  if (!works && kind !== 'abortAt') throw new Error(`'${name}' is a ${types.get(name)} state, to which ${kind} cannot happen; only abortAt can`);
  return name;
}

function itemOf({ context }: TaskRequest): number | undefined {
  return (context.Map as { Item?: { Index?: number } } | undefined)?.Item?.Index;
}

function nothing(resource: string): object {
  return integrationOf(resource).startsWith('lambda:invoke') ? { StatusCode: 200, Payload: {} } : {};
}
