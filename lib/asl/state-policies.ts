import type { Policies } from './apply-policies';
import { attemptsOf, isHidden, MAP_ERRORS } from './retriers';
import type { Retrier, RetrySpec, StateMachineAsl } from './types';
import { walk } from './walk';

/** What people asked of one state, before any policy was applied to it. */
export interface StatePolicy {
  /** The step's own retry policy. */
  readonly retry?: RetrySpec;
  /** The errors of a Parallel's own inner Fail states, or of a Distributed Map's reader and writer, which it tries again. */
  readonly raises?: readonly string[];
  /** The Retry that was written into the state by hand; it stays as it is. */
  readonly own?: readonly Retrier[];
}

/** The policies of a state machine as they were asked for, so that what was made of them can be held against them. */
export interface RequestedPolicies {
  readonly retry: RetrySpec;
  readonly states: Readonly<Record<string, StatePolicy>>;
  /** The states by which the machine itself tells of a failure; none if it does not. */
  readonly alertStates: readonly string[];
}

/** What was asked of each state of a definition that the policies were not applied to yet. */
export function requestedPolicies(asl: StateMachineAsl, { retry, alert }: Policies): RequestedPolicies {
  const states = walk(asl).visits.map(({ name, state, marker }) => {
    const own = (state.Retry ?? []).filter((retrier) => !isHidden(retrier));
    const raises = state.ItemProcessor?.ProcessorConfig?.Mode === 'DISTRIBUTED' ? MAP_ERRORS : marker?.raises;
    return [name, { retry: marker?.retry, raises, ...(own.length > 0 && { own }) }] as const;
  });
  return { retry, states: Object.fromEntries(states), alertStates: Object.keys(alert?.states ?? {}) };
}

/** What becomes of a state's failed try. */
export interface Expected {
  /** Tries after the first. */
  readonly retries: number;
  /** The longest wait before each retry, in seconds, and whether the wait is drawn at random below it. */
  readonly waits: readonly number[];
  readonly jitter: boolean;
}

const NEVER: Expected = { retries: 0, waits: [], jitter: false };
/** Errors that `States.ALL` does not match. */
const UNMATCHED = ['States.Runtime', 'States.DataLimitExceeded'];

/** How often, and after what waits, a state must try again that fails with `error`, each time. */
export function expectedRetries({ retry, states }: Pick<RequestedPolicies, 'retry' | 'states'>, name: string, type: string, error: string): Expected {
  const { own, retry: step, raises = [] } = states[name] ?? {};
  if (own) return ownRetries(own, error);
  const spec = step ?? retry;
  const retried = type === 'Task' ? !spec.permanentErrors.includes(error) && !UNMATCHED.includes(error) : raises.includes(error);
  return retried ? expected(spec) : NEVER;
}

function ownRetries(own: readonly Retrier[], error: string): Expected {
  const retrier = own.find(({ ErrorEquals }) => ErrorEquals.includes(error) || (ErrorEquals.includes('States.ALL') && !UNMATCHED.includes(error)));
  if (!retrier) return NEVER;
  return expected({
    maxAttempts: attemptsOf(retrier),
    intervalSeconds: retrier.IntervalSeconds ?? 1,
    backoffRate: retrier.BackoffRate ?? 2,
    maxDelaySeconds: retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY,
    jitter: retrier.JitterStrategy === 'FULL',
  });
}

function expected(spec: Omit<RetrySpec, 'permanentErrors'>): Expected {
  const { maxAttempts, intervalSeconds, backoffRate, maxDelaySeconds, jitter } = spec;
  const waits = Array.from({ length: maxAttempts }, (_, index) => Math.min(intervalSeconds * backoffRate ** index, maxDelaySeconds));
  return { retries: maxAttempts, waits, jitter };
}
