import { type Clock, execute, type HistoryEvent, type S3, Stopped, type TaskHandler } from '../../engine';
import { asAwsError } from '../aws/error';
import { executionArn, type Place } from './names';
import type { ExecutionRecord, MachineRecord, Store } from './store';

/** Hears of an execution when it starts and when it ends, one after the other. */
export type StatusListener = (machine: MachineRecord, execution: ExecutionRecord) => void | Promise<void>;

export interface ExecutorOptions extends Place {
  readonly store: Store;
  readonly tasks: TaskHandler;
  readonly s3?: S3;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onEvent: (event: HistoryEvent) => void;
  readonly onStatusChange: StatusListener;
}

/** An execution on its way. */
interface Running {
  readonly events: HistoryEvent[];
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

type Outcome = Pick<ExecutionRecord, 'status' | 'output' | 'error' | 'cause'>;

/** Runs executions in the engine and writes down what becomes of them. */
export class Executor {
  private readonly running = new Map<string, Running>();
  private told = Promise.resolve();
  private failure: unknown;

  constructor(private readonly options: ExecutorOptions) {
    this.endAbandoned();
  }

  /** Starts an execution; it goes on by itself. */
  start(machine: MachineRecord, name: string, input: string): ExecutionRecord {
    const { clock } = this.options;
    const { stateMachineArn } = machine;
    const arn = executionArn(stateMachineArn, name);
    const execution: ExecutionRecord = { executionArn: arn, stateMachineArn, name, status: 'RUNNING', startDate: clock.now(), input, machine };
    this.launch(execution, []);
    return execution;
  }

  /** Lets an execution that ended without success go on in the state that it did not leave. */
  redrive(ended: ExecutionRecord, clientToken?: string): ExecutionRecord {
    const { status: _, stopDate: __, error: ___, cause: ____, ...kept } = ended;
    const redrives = { count: (ended.redrives?.count ?? 0) + 1, date: this.options.clock.now(), clientToken };
    const execution: ExecutionRecord = { ...kept, status: 'RUNNING', redrives };
    this.launch(execution, this.options.store.readEvents(ended));
    return execution;
  }

  /** `earlier` is what happened before it was redriven. */
  private launch(execution: ExecutionRecord, earlier: readonly HistoryEvent[]): void {
    this.options.store.saveExecution(execution);
    this.tell(execution.machine, execution);
    const events = [...earlier];
    const stop = new AbortController();
    this.running.set(execution.executionArn, { events, stop, ended: this.run(execution, events, stop.signal) });
  }

  /** Stops an execution that runs; resolves once it has ended. */
  async stop(arn: string, error?: string, cause?: string): Promise<void> {
    const running = this.running.get(arn);
    running?.stop.abort(new Stopped('ABORTED', error, cause));
    await running?.ended;
  }

  /** Stops what runs, of one state machine or of all; resolves once it has ended and everyone has been told. */
  async stopAll(stateMachineArn?: string, error?: string, cause?: string): Promise<void> {
    const all = [...this.running.keys()].filter((arn) => stateMachineArn === undefined || arn.startsWith(executionArn(stateMachineArn, '')));
    await Promise.all(all.map((arn) => this.stop(arn, error, cause)));
    await this.told;
  }

  now(): number {
    return this.options.clock.now();
  }

  /** The events so far. */
  events(execution: ExecutionRecord): readonly HistoryEvent[] {
    return this.running.get(execution.executionArn)?.events ?? this.options.store.readEvents(execution);
  }

  /** Resolves once nothing runs and everyone has been told; rejects with the first failure of a listener. */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.all([...this.running.values()].map(({ ended }) => ended));
    await this.told;
    if (this.failure !== undefined) throw this.failure;
  }

  private async run(execution: ExecutionRecord, events: HistoryEvent[], abort: AbortSignal): Promise<void> {
    const { store, clock } = this.options;
    const { machine } = execution;
    const earlier = [...events];
    const onEvent = (event: HistoryEvent) => {
      events.push(event);
      store.appendEvent(execution, event);
      this.options.onEvent(event);
    };
    try {
      const outcome = await this.execute(execution, earlier, onEvent, abort);
      this.end(machine, { ...execution, ...outcome, stopDate: clock.now() });
    } catch (thrown) {
      // No failure of the state machine: the disk is full, or the engine is wrong.
      const details = { error: 'States.Runtime', cause: asAwsError(thrown, store.folder).message };
      this.end(machine, { ...execution, ...details, status: 'FAILED', stopDate: clock.now() }, [
        ...events,
        { ...after(events), timestamp: clock.now(), type: 'ExecutionFailed', executionFailedEventDetails: details },
      ]);
    }
  }

  private async execute(
    { name, input, machine, startDate, redrives }: ExecutionRecord,
    earlier: readonly HistoryEvent[],
    onEvent: (event: HistoryEvent) => void,
    abort: AbortSignal,
  ): Promise<Outcome> {
    const { tasks, s3, clock, random, region, account } = this.options;
    const { name: stateMachineName, roleArn } = machine;
    const redrive = redrives && { history: earlier, count: redrives.count, startDate };
    const options = { name, stateMachineName, input: JSON.parse(input), redrive, tasks, s3, clock, random, onEvent, abort, region, account, roleArn };
    const { status, output, error, cause } = await execute(JSON.parse(machine.definition), options);
    return { status, error, cause, output: status === 'SUCCEEDED' ? JSON.stringify(output) : undefined };
  }

  /** `events` is the whole history where what is written of it is not. */
  private end(machine: MachineRecord, execution: ExecutionRecord, events?: readonly HistoryEvent[]): void {
    const { store } = this.options;
    try {
      if (events !== undefined) store.replaceEvents(execution, events);
      store.saveExecution(execution);
    } catch (error) {
      this.failure ??= error;
      store.executions.set(execution.executionArn, execution);
    }
    this.tell(machine, execution);
    this.running.delete(execution.executionArn);
  }

  private tell(machine: MachineRecord, execution: ExecutionRecord): void {
    this.told = this.told
      .then(() => this.options.onStatusChange(machine, execution))
      .catch((error: unknown) => {
        this.failure ??= error;
      });
  }

  /** What was running when an earlier process ended will not go on. */
  private endAbandoned(): void {
    const { store } = this.options;
    for (const execution of [...store.executions.values()].filter(({ status }) => status === 'RUNNING')) {
      const events = store.readEvents(execution);
      const details = { error: 'Local.ProcessEnded', cause: 'the process that ran this execution ended before it did' };
      const timestamp = events.at(-1)?.timestamp ?? execution.startDate;
      const last = { ...after(events), timestamp, type: 'ExecutionAborted', executionAbortedEventDetails: details };
      store.replaceEvents(execution, [...events, last]);
      store.saveExecution({ ...execution, ...details, status: 'ABORTED', stopDate: timestamp });
    }
  }
}

const after = (events: readonly HistoryEvent[]) => ({ id: events.length + 1, previousEventId: events.length });
