import type { Clock } from './clock';
import type { HistoryEvent } from './history';
import type { TaskHandler } from './task';

/** What an execution needs from outside. */
export interface ExecuteOptions {
  /** Name of the execution. */
  readonly name: string;
  readonly stateMachineName: string;
  /** @default {} */
  readonly input?: unknown;
  readonly tasks: TaskHandler;
  /** @default RealClock */
  readonly clock?: Clock;
  /** Uniform in [0, 1); feeds jitter, $random and $uuid. @default Math.random */
  readonly random?: () => number;
  /** Sees each event as it happens. */
  readonly onEvent?: (event: HistoryEvent) => void;
  /** Stops the execution: it ends ABORTED. */
  readonly abort?: AbortSignal;
  /** @default 'us-east-1' */
  readonly region?: string;
  /** @default '123456789012' */
  readonly account?: string;
}

/** How an execution ended. */
export interface Execution {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
  readonly history: HistoryEvent[];
  /** States entered plus retries, as the service bills them. */
  readonly transitions: number;
  /** Epoch milliseconds. */
  readonly startDate: number;
  readonly stopDate: number;
}

/** Runs a JSONata state machine as the service would. Rejects only when the definition cannot run here (`UnsupportedDefinitionError`). */
export function execute(_definition: object, _options: ExecuteOptions): Promise<Execution> {
  return Promise.reject(new Error('the engine is being written'));
}
