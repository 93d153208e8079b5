import type { Around } from './attempt';
import type { Clock } from './clock';
import type { State } from './definition';
import type { ChildExecution } from './distributed/child';
import type { History } from './history';
import type { S3 } from './s3';
import type { TaskHandler } from './task';
import { type VariableBudget, Variables } from './variables';

/** What all states of one execution share. */
export interface Run {
  readonly clock: Clock;
  readonly random: () => number;
  readonly jitter: () => number;
  readonly around?: Around;
  readonly tasks: TaskHandler;
  readonly history: History;
  readonly region: string;
  /** Part of the context object. */
  readonly context: ExecutionContext;
  /** An ARN of Step Functions in this region and account. */
  readonly arn: (type: string, name: string) => string;
  readonly s3?: S3;
  readonly onChild?: (child: ChildExecution) => void;
  /** What the service adds to JSONata. */
  readonly functions: Readonly<Record<string, unknown>>;
  readonly variables: VariableBudget;
  transitions: number;
}

/** What the context object says of the execution and its machine. */
export interface ExecutionContext {
  readonly Execution: {
    readonly Id: string;
    readonly Input: unknown;
    readonly Name: string;
    readonly RoleArn: string;
    readonly StartTime: string;
    readonly RedriveCount: number;
    /** When it was redriven last. */
    readonly RedriveTime?: string;
  };
  readonly StateMachine: { readonly Id: string; readonly Name: string };
}

export interface MapItem {
  readonly Index: number;
  readonly Value: unknown;
  /** Where a Distributed Map has it from. */
  readonly Source?: string;
}

/** States whose open visits the service closes with an event of their own when their branch is stopped. */
const ABORTED_EVENTS: Partial<Record<State['Type'], string>> = {
  Task: 'TaskStateAborted',
  Wait: 'WaitStateAborted',
  Parallel: 'ParallelStateAborted',
  Map: 'MapStateAborted',
};

/** The Map and the item that an iteration belongs to. */
export interface Iteration {
  readonly map: string;
  readonly item: MapItem;
}

/** One line of execution: the machine itself, a branch of a Parallel or an iteration of a Map. */
export class Frame {
  /** Id of the latest event on this line. */
  previous: number;
  /** Type of the state being visited. */
  open?: State['Type'];
  /** Whether the open state is a Distributed Map whose Map Run is under way. */
  inMapRun = false;
  /** The lines inside the open Parallel or Map, in the order they started. */
  children: Frame[] = [];
  readonly variables: Variables;
  /** The item of the innermost Map around this line. */
  readonly item?: MapItem;
  private over = false;

  constructor(
    readonly run: Run,
    readonly signal: AbortSignal,
    outer?: Frame,
    private readonly iteration?: Iteration,
  ) {
    this.variables = new Variables(run.variables, outer?.variables);
    this.previous = outer?.previous ?? 0;
    this.item = iteration?.item ?? outer?.item;
  }

  /** Appends an event to the history. A line that was stopped records nothing more: it ends here. */
  record(type: string, details?: Record<string, unknown>): number {
    this.previous = this.note(type, details);
    return this.previous;
  }

  /** As {@link record}, for an event that the next one on this line does not follow from. */
  note(type: string, details?: Record<string, unknown>, previous = this.previous): number {
    this.signal.throwIfAborted();
    return this.run.history.record(type, previous, details);
  }

  /** Starts this iteration of its Map. `previous` is what made room for it. */
  start(previous: number): void {
    this.previous = this.note('MapIterationStarted', this.iterationDetails('Started'), previous);
  }

  /** Ends this line; an iteration tells its Map. Returns the id of the last event. */
  finish(): number {
    this.over = true;
    this.variables.drop();
    return this.iteration === undefined ? this.previous : this.note('MapIterationSucceeded', this.iterationDetails('Succeeded'));
  }

  /** Ends this line before its time and closes whatever is open on it, from the outside in. `previous` is the event that is to blame. */
  close(how: 'Failed' | 'Aborted', previous: number): void {
    if (this.over) return;
    this.over = true;
    this.variables.drop();
    const { history } = this.run;
    if (this.iteration !== undefined) history.record(`MapIteration${how}`, previous, this.iterationDetails(how));
    if (this.inMapRun) history.record('MapRunAborted', previous);
    const type = this.open === undefined ? undefined : ABORTED_EVENTS[this.open];
    if (type !== undefined) history.record(type, previous);
    for (const child of this.children) child.close('Aborted', previous);
  }

  private iterationDetails(what: string): Record<string, unknown> {
    const { map, item } = this.iteration!;
    return { [`mapIteration${what}EventDetails`]: { name: map, index: item.Index } };
  }
}
