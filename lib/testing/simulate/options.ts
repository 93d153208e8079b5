import type { TaskRequest } from '../../engine';
import type { WorldOptions } from '../answers/world';
import type { Fault } from './fault';
import type { ObjectContent } from './objects';
import type { Simulation } from './simulation';

/** What a handler gets beside the arguments. */
export interface HandlerRequest extends Pick<TaskRequest, 'resource' | 'state' | 'attempt' | 'context' | 'heartbeat'> {
  /** Waits on the virtual clock. */
  readonly sleep: (seconds: number) => Promise<void>;
}

/**
 * Answers a task in place of its service: with the task's result, or by throwing a `TaskError` with the error that the service would give. For a task
 * that waits for its token the answer is what SendTaskSuccess would bring.
 */
export type Handler = Answering['answer'];

/** A method, and not a function, so that a handler may say which arguments it takes. */
interface Answering {
  answer(args: Readonly<Record<string, unknown>>, request: HandlerRequest): unknown;
}

/** How a run is simulated. */
export interface SimulateOptions extends WorldOptions {
  /** Id of the state machine's construct, or a part of its logical id, if the stack has several. */
  readonly machine?: string;
  /** @default {} */
  readonly input?: unknown;
  /** Name of the execution. @default 'simulation' */
  readonly name?: string;
  /**
   * What tasks answer, by the name of the state or by the resource: `lambda:invoke`, `aws-sdk:s3:listObjectsV2`, `sqs:sendMessage.waitForTaskToken`; `lambda` for a
   * function that is the resource itself. The tasks of the library's own steps, and `sns:publish`, need none.
   */
  readonly handlers?: Readonly<Record<string, Handler>>;
  readonly faults?: readonly Fault[];
  /**
   * What Distributed Maps find in S3, by `s3://bucket/key`: bytes, text, or anything else as JSON. A bucket of the stack may go by the id of its construct.
   * @default - nothing
   */
  readonly objects?: Readonly<Record<string, ObjectContent>>;
  /**
   * A run that was simulated before: what it left is there, its lock if it failed, its checkpoint, and so is what it extracted.
   * @default - nothing was there before
   */
  readonly after?: Simulation;
  /** Which part of its delay a retry with full jitter waits, from 0 to 1. @default 1 */
  readonly jitter?: number;
  /** When the run starts. @default 2026-01-01T00:00:00Z */
  readonly startTime?: Date;
}
