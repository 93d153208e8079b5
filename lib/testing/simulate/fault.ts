import type { Duration } from 'aws-cdk-lib/core';

/** How often a fault strikes. */
export interface FaultOptions {
  /** How many tries it strikes; inside a Map, tries of the item that comes first. @default - every try, of every item */
  readonly times?: number;
}

/** How a task fails. */
export interface FailOptions extends FaultOptions {
  /** @default 'Injected.Fault' */
  readonly error?: string;
  readonly cause?: string;
  /** Whether the work was done before it failed, as when an answer gets lost. @default false */
  readonly afterWork?: boolean;
}

/** How a task is throttled. */
export interface ThrottleOptions extends FaultOptions {
  /** @default - the error that the service of the task throttles with */
  readonly error?: string;
}

/** What a task answers that it should not. */
export interface MalformedOptions extends FaultOptions {
  /** The answer. @default - an object without anything in it, of a Lambda function as its payload */
  readonly answer?: unknown;
}

/** Something that goes wrong in a simulated run. Make it with `fail`, `timeOut`, `throttle`, `malformed`, `latency`, `abortAt` or `expireAt`. */
export interface Fault {
  readonly kind: 'fail' | 'timeOut' | 'throttle' | 'malformed' | 'latency' | 'abortAt' | 'expireAt';
  /** A state, or a step, which stands for the task that does its work. */
  readonly state: string;
  readonly times: number;
  readonly error?: string;
  readonly cause?: string;
  readonly answer?: unknown;
  readonly ms?: number;
  readonly afterWork?: boolean;
}

/** A try of a task ends with an error in place of an answer; a Parallel or Map fails in place of what is inside it. */
export function fail(state: string, { times, error = 'Injected.Fault', cause, afterWork }: FailOptions = {}): Fault {
  return { kind: 'fail', state, times: timesOf(state, times), error, cause, afterWork };
}

/** A task never answers: its TimeoutSeconds end it, and without them the time of the machine. */
export function timeOut(state: string, { times }: FaultOptions = {}): Fault {
  return { kind: 'timeOut', state, times: timesOf(state, times) };
}

/** The service of a task has no room. */
export function throttle(state: string, { times, error }: ThrottleOptions = {}): Fault {
  return { kind: 'throttle', state, times: timesOf(state, times), error };
}

/** A task does its work, and answers something else than it should. */
export function malformed(state: string, options: MalformedOptions = {}): Fault {
  return { kind: 'malformed', state, times: timesOf(state, options.times), ...('answer' in options && { answer: options.answer }) };
}

/** A task, Parallel or Map starts to work only after a while. */
export function latency(state: string, duration: Duration, { times }: FaultOptions = {}): Fault {
  return { kind: 'latency', state, times: timesOf(state, times), ms: duration.toMilliseconds() };
}

/** Someone stops the run as it enters the state. */
export function abortAt(state: string): Fault {
  return { kind: 'abortAt', state, times: 1 };
}

/** The time of the whole machine is over while the task, Parallel or Map is waited for. */
export function expireAt(state: string): Fault {
  return { kind: 'expireAt', state, times: 1 };
}

function timesOf(state: string, times = Number.POSITIVE_INFINITY): number {
  if (times >= 1) return times;
  throw new Error(`a fault of '${state}' strikes ${times} times; let it strike at least once, or leave it out`);
}
