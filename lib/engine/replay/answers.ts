import type { Clock } from '../clock';
import { TaskError } from '../errors';
import type { TaskHandler } from '../task';
import { detailsOf, jsonOf, type RecordedEvent } from './recording';

const OUTCOME = /^(Task|LambdaFunction)(Succeeded|Failed|TimedOut|SubmitFailed|StartFailed|ScheduleFailed)$/;
const SCHEDULED = /^(Task|LambdaFunction)Scheduled$/;

/** What the service made of one attempt of a task. */
interface RecordedAttempt {
  /** Name of the state, where the history still tells it. */
  readonly state?: string;
  readonly scheduled?: RecordedEvent;
  /** Undefined for an attempt that the end of its branch or of the execution overtook. */
  readonly outcome?: RecordedEvent;
  /** Places in the history, from 0 to 1. */
  readonly scheduledAt: number;
  readonly endedAt: number;
}

/** Answers each attempt of a task as the service did: the n-th attempt of a state with the n-th that was recorded of it. */
export function answersOf(events: readonly RecordedEvent[], clock: Clock): TaskHandler {
  const attempts = attemptsIn(events);
  return async ({ state, signal, submitted }) => {
    const index = attempts.findIndex((attempt) => attempt.state === undefined || attempt.state === state);
    const [attempt] = index < 0 ? [] : attempts.splice(index, 1);
    if (attempt?.outcome === undefined) return clock.sleep(Infinity, signal);
    const { outcome, scheduled, endedAt } = attempt;
    submitted?.();
    const details = detailsOf(outcome);
    if (outcome.type.endsWith('TimedOut')) await clock.sleep(limitOf(scheduled), signal);
    // Attempts of branches that run side by side end in the order that was recorded, all in less than the shortest timeout.
    await clock.sleep(endedAt * 500, signal);
    if (outcome.type.endsWith('Succeeded')) return jsonOf(details.output);
    throw new TaskError(String(details.error), typeof details.cause === 'string' ? details.cause : JSON.stringify(details.cause));
  };
}

/** Milliseconds until the timeout is the engine's own doing; 0 if the task had none. */
function limitOf(scheduled: RecordedEvent | undefined): number {
  const { timeoutInSeconds, heartbeatInSeconds } = scheduled === undefined ? {} : detailsOf(scheduled);
  const limits = [timeoutInSeconds, heartbeatInSeconds].filter((limit) => typeof limit === 'number');
  return limits.length === 0 ? 0 : Math.min(...limits) * 1000;
}

/** The attempts in the order in which they were scheduled, as far as the history tells. */
function attemptsIn(events: readonly RecordedEvent[]): RecordedAttempt[] {
  const byId = new Map(events.map((event) => [event.id, event] as const));
  const place = (event: RecordedEvent) => events.indexOf(event) / events.length;
  const before = (event: RecordedEvent | undefined, found: (type: string) => boolean): RecordedEvent | undefined => {
    let at = event;
    while (at !== undefined && !found(at.type)) at = byId.get(at.previousEventId);
    return at;
  };
  const attempt = (outcome: RecordedEvent): RecordedAttempt => {
    const scheduled = before(outcome, (type) => SCHEDULED.test(type));
    return { state: stateOf(scheduled), scheduled, outcome, scheduledAt: place(scheduled ?? outcome), endedAt: place(outcome) };
  };
  const stateOf = (scheduled: RecordedEvent | undefined): string | undefined => {
    const entered = before(scheduled, (type) => type === 'TaskStateEntered');
    return entered && (detailsOf(entered).name as string);
  };
  const ended = events.filter(({ type }) => OUTCOME.test(type)).map(attempt);
  const overtaken = events
    .filter((event) => SCHEDULED.test(event.type) && typeof event.id === 'number' && !ended.some(({ scheduled }) => scheduled === event))
    .map((scheduled) => ({ state: stateOf(scheduled), scheduled, scheduledAt: place(scheduled), endedAt: 1 }));
  return [...ended, ...overtaken].sort((a, b) => a.scheduledAt - b.scheduledAt);
}
