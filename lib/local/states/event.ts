import type { HistoryEvent } from '../../engine';
import { seconds } from './operation';

/** Where the details of an event hold what the execution works on. */
const DATA = ['input', 'inputDetails', 'output', 'outputDetails', 'parameters', 'assignedVariables', 'assignedVariablesDetails'];

/** An event as GetExecutionHistory answers it. */
export function eventOf({ timestamp, ...event }: HistoryEvent, includeData: boolean): object {
  const content = includeData ? event : Object.fromEntries(Object.entries(event).map(([key, value]) => [key, withoutData(value)]));
  return { timestamp: seconds(timestamp), ...content };
}

function withoutData(details: unknown): unknown {
  if (typeof details !== 'object' || details === null) return details;
  return Object.fromEntries(Object.entries(details).filter(([key]) => !DATA.includes(key)));
}
