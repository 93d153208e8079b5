import type { RecordedEvent } from '../../../lib/engine/replay/recording';

/** Events with ids in their order, each following the one before it unless it says otherwise. */
export function recorded(...events: readonly (string | readonly [string, object])[]): RecordedEvent[] {
  return events.map((event, index) => {
    const [type, rest] = typeof event === 'string' ? [event, {}] : event;
    return { id: index + 1, previousEventId: index, type, timestamp: 'timestamp', ...rest };
  });
}

export const succeeded = (output: unknown, rest: object = {}) =>
  ['ExecutionSucceeded', { executionSucceededEventDetails: { output }, ...rest }] as const;
export const failed = (error: string, rest: object = {}) => ['ExecutionFailed', { executionFailedEventDetails: { error }, ...rest }] as const;
