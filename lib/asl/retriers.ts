import type { Marker } from './marker';
import type { Retrier, RetrySpec, State } from './types';

/** Errors that a Distributed Map raises itself, beside those of its children. */
export const MAP_ERRORS = ['States.ItemReaderFailed', 'States.ResultWriterFailed'] as const;

/** The retrier that CDK's LambdaInvoke adds to itself unless told not to. */
const HIDDEN: Retrier = {
  ErrorEquals: ['Lambda.ClientExecutionTimeoutException', 'Lambda.ServiceException', 'Lambda.AWSLambdaException', 'Lambda.SdkClientException'],
  IntervalSeconds: 2,
  MaxAttempts: 6,
  BackoffRate: 2,
};

/** Whether the retrier is the one that CDK's LambdaInvoke adds: the same fields, and no other. */
export function isHidden(retrier: Retrier): boolean {
  const same = (key: string) => JSON.stringify(retrier[key as keyof Retrier]) === JSON.stringify(HIDDEN[key as keyof Retrier]);
  return Object.keys({ ...HIDDEN, ...retrier }).every(same);
}

/** Tries after the first; the service's default is 3. */
export function attemptsOf(retrier: Retrier): number {
  return retrier.MaxAttempts ?? 3;
}

/** Errors that a state of this kind retries by the policy. A container retries only what its tasks cannot raise, or tries would multiply. */
export function retriedByPolicy(state: State, marker: Marker | undefined): readonly string[] {
  switch (state.Type) {
    case 'Task':
      return ['States.ALL'];
    case 'Parallel':
      return marker?.raises ?? [];
    case 'Map':
      return state.ItemProcessor?.ProcessorConfig?.Mode === 'DISTRIBUTED' ? MAP_ERRORS : [];
    default:
      return [];
  }
}

/** The retriers of a policy for these errors; none if the policy does not retry. */
export function renderRetry(errors: readonly string[], spec: RetrySpec): Retrier[] {
  if (errors.length === 0 || spec.maxAttempts === 0) return [];
  const all = errors.includes('States.ALL');
  const never: Retrier[] = all && spec.permanentErrors.length > 0 ? [{ ErrorEquals: [...spec.permanentErrors], MaxAttempts: 0 }] : [];
  return [
    ...never,
    {
      ErrorEquals: [...errors],
      IntervalSeconds: spec.intervalSeconds,
      MaxAttempts: spec.maxAttempts,
      BackoffRate: spec.backoffRate,
      MaxDelaySeconds: spec.maxDelaySeconds,
      ...(spec.jitter && { JitterStrategy: 'FULL' }),
    },
  ];
}
