import { Duration } from 'aws-cdk-lib';
import type { RetrySpec } from '../asl';
import { PERMANENT_ERRORS } from '../runtime/contract';

/** How a policy waits between tries. */
export interface RetryWaitOptions {
  /**
   * The wait before the first retry. At least one second, whole seconds.
   * @default Duration.seconds(20)
   */
  readonly interval?: Duration;

  /**
   * What each further wait is multiplied by. At least 1.
   * @default 2
   */
  readonly backoffRate?: number;

  /**
   * The longest wait. Longer than the interval, at most a year.
   * @default Duration.minutes(5)
   */
  readonly maxDelay?: Duration;

  /**
   * Whether each wait is drawn at random between zero and its length, so that pipelines that failed together do not come back together.
   * @default true
   */
  readonly jitter?: boolean;
}

/** A policy of your own. */
export interface CustomRetryPolicyProps extends RetryWaitOptions {
  /** How often a failed task is tried again: 2 makes three tries. From 0 to 99,999,999. */
  readonly maxAttempts: number;

  /**
   * Names of errors that are never tried again, beside those that the library's own handlers call permanent.
   * @default - only the library's own
   */
  readonly permanentErrors?: string[];
}

/**
 * How often, and after what waits, a failed task is tried again. Set it on the pipeline; a step may override it.
 *
 * At run time every task gets one retrier for all errors, behind one that gives up at once on errors that can never succeed. A Map or
 * Parallel never retries what its tasks already retried, so "twice" is three tries, never nine.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
export class RetryPolicy {
  /** Three tries: the default of every pipeline. */
  public static twice(options: RetryWaitOptions = {}): RetryPolicy {
    return new RetryPolicy({ ...options, maxAttempts: 2 });
  }

  /** One try. */
  public static none(): RetryPolicy {
    return new RetryPolicy({ maxAttempts: 0 });
  }

  /** Any number of tries and any waits. */
  public static custom(props: CustomRetryPolicyProps): RetryPolicy {
    return new RetryPolicy(props);
  }

  /** How often a failed task is tried again. */
  public readonly maxAttempts: number;

  private readonly spec: RetrySpec;

  private constructor(props: CustomRetryPolicyProps) {
    const interval = props.interval ?? Duration.seconds(20);
    const maxDelay = props.maxDelay ?? Duration.minutes(5);
    const backoffRate = props.backoffRate ?? 2;
    requireInteger('maxAttempts', props.maxAttempts, 0, 99_999_999);
    requireInteger('interval in seconds', interval.toSeconds({ integral: false }), 1, 99_999_999);
    requireInteger('maxDelay in seconds', maxDelay.toSeconds({ integral: false }), 1, 31_622_399);
    if (!(backoffRate >= 1)) throw new Error(`retry policy: backoffRate must be at least 1, got ${backoffRate}; 1 waits equally long each time`);
    if (props.maxDelay && maxDelay.toSeconds() <= interval.toSeconds()) {
      throw new Error(`retry policy: maxDelay (${maxDelay.toSeconds()} s) must be longer than interval (${interval.toSeconds()} s)`);
    }
    this.maxAttempts = props.maxAttempts;
    this.spec = {
      maxAttempts: props.maxAttempts,
      intervalSeconds: interval.toSeconds(),
      backoffRate,
      maxDelaySeconds: Math.max(maxDelay.toSeconds(), interval.toSeconds() + 1),
      jitter: props.jitter ?? true,
      permanentErrors: [...SERVICE_PERMANENT_ERRORS, ...PERMANENT_ERRORS, ...(props.permanentErrors ?? [])],
    };
  }

  /** @internal */
  public _render(): RetrySpec {
    return this.spec;
  }
}

/** What a retry cannot mend: a wrong expression, a missing permission, a watermark that another run moved. */
const SERVICE_PERMANENT_ERRORS = ['States.QueryEvaluationError', 'States.Permissions', 'DynamoDB.ConditionalCheckFailedException'];

function requireInteger(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new Error(`retry policy: ${name} must be a whole number from ${min} to ${max}, got ${value}`);
  }
}
