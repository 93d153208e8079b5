import type { Retrier } from './definition';
import { ErrorName, type StateFailure } from './errors';

/** What the wildcards do not match. */
const NOT_ALL: readonly string[] = [ErrorName.RUNTIME, ErrorName.DATA_LIMIT_EXCEEDED];
const NOT_TASK_FAILED: readonly string[] = [...NOT_ALL, ErrorName.TIMEOUT];

/** Whether the ErrorEquals of a Retry or Catch takes a failure. */
export function matches(errorEquals: readonly string[], { names }: StateFailure): boolean {
  if (names.includes(ErrorName.RUNTIME)) return false;
  return errorEquals.some((wanted) => {
    if (wanted === ErrorName.ALL) return !NOT_ALL.some((name) => names.includes(name));
    if (wanted === ErrorName.TASK_FAILED) return !NOT_TASK_FAILED.some((name) => names.includes(name));
    return names.includes(wanted);
  });
}

/** The Retry of one visit to a state. Every retrier counts its own attempts; a new visit starts from zero. */
export class RetryCounter {
  private readonly used: number[];

  constructor(
    private readonly retriers: readonly Retrier[],
    private readonly random: () => number,
  ) {
    this.used = retriers.map(() => 0);
  }

  /** Milliseconds to wait before the next attempt, or undefined when the error is not to be retried. */
  next(failure: StateFailure): number | undefined {
    const index = this.retriers.findIndex((retrier) => matches(retrier.ErrorEquals, failure));
    if (index < 0) return undefined;
    const { IntervalSeconds = 1, MaxAttempts = 3, BackoffRate = 2, MaxDelaySeconds = Infinity, JitterStrategy } = this.retriers[index]!;
    const used = this.used[index]!;
    if (used >= MaxAttempts) return undefined;
    this.used[index] = used + 1;
    // The power becomes infinite in time, and nothing times infinity is no number.
    const seconds = IntervalSeconds === 0 ? 0 : IntervalSeconds * BackoffRate ** used;
    const delay = Math.min(seconds, MaxDelaySeconds) * 1000;
    return JitterStrategy === 'FULL' ? this.random() * delay : delay;
  }
}
