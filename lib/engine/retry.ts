import type { Retrier } from './definition';
import { ErrorName } from './errors';

/** What the wildcards do not match. */
const NOT_ALL: readonly string[] = [ErrorName.RUNTIME, ErrorName.DATA_LIMIT_EXCEEDED];
const NOT_TASK_FAILED: readonly string[] = [...NOT_ALL, ErrorName.TIMEOUT];

/** Whether the ErrorEquals of a Retry or Catch takes an error. `error` is undefined for a Fail state without a name. */
export function matches(errorEquals: readonly string[], error: string | undefined): boolean {
  if (error === ErrorName.RUNTIME) return false;
  return errorEquals.some((name) => {
    if (name === ErrorName.ALL) return !NOT_ALL.includes(error ?? '');
    if (name === ErrorName.TASK_FAILED) return !NOT_TASK_FAILED.includes(error ?? '');
    return name === error;
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
  next(error: string | undefined): number | undefined {
    const index = this.retriers.findIndex((retrier) => matches(retrier.ErrorEquals, error));
    if (index < 0) return undefined;
    const { IntervalSeconds = 1, MaxAttempts = 3, BackoffRate = 2, MaxDelaySeconds = Infinity, JitterStrategy } = this.retriers[index]!;
    const used = this.used[index]!;
    if (used >= MaxAttempts) return undefined;
    this.used[index] = used + 1;
    const delay = Math.min(IntervalSeconds * BackoffRate ** used, MaxDelaySeconds) * 1000;
    return JitterStrategy === 'FULL' ? this.random() * delay : delay;
  }
}
