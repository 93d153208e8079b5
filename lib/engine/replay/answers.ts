import type { Clock } from '../clock';
import { ErrorName, type Refusal, TaskError } from '../errors';
import type { TaskHandler } from '../task';
import { parseResource } from '../task-resource';
import { detailsOf, jsonOf, type RecordedEvent } from './recording';

const OUTCOME = /^(Task|LambdaFunction)(Succeeded|Failed|TimedOut|SubmitFailed|StartFailed|ScheduleFailed)$/;
const SCHEDULED = /^(Task|LambdaFunction)Scheduled$/;

/** What the service made of one attempt of a task. */
export interface RecordedAttempt {
  /** Name of the state, where the history still tells it. */
  readonly state?: string;
  readonly scheduled?: RecordedEvent;
  /** Whether the history tells that the service took the request; undefined where it does not say of which attempt. */
  readonly submitted?: boolean;
  /** Undefined for an attempt that the end of its branch or of the execution overtook. */
  readonly outcome?: RecordedEvent;
  /** Places in the history, from 0 to 1. */
  readonly scheduledAt: number;
  readonly endedAt: number;
}

/** Answers each attempt of a task as the service did: the n-th attempt of a state with the n-th that was recorded of it. */
export function answersOf(recorded: readonly RecordedAttempt[], clock: Clock): TaskHandler {
  const attempts = [...recorded];
  return async ({ state, resource, signal, submitted }) => {
    const index = attempts.findIndex((attempt) => (attempt.state === undefined || attempt.state === state) && fits(attempt, resource));
    const [attempt] = index < 0 ? [] : attempts.splice(index, 1);
    if (attempt?.submitted) submitted?.();
    if (attempt?.outcome === undefined) return clock.sleep(Infinity, signal);
    const { outcome, scheduled, endedAt } = attempt;
    const details = detailsOf(outcome);
    const error = details.error === undefined ? '' : String(details.error);
    // A timeout is the engine's own doing, unless it goes by a name that the engine would not give it.
    if (outcome.type.endsWith('TimedOut') && error === ErrorName.TIMEOUT) await clock.sleep(limitOf(scheduled), signal);
    // Attempts of branches that run side by side end in the order that was recorded, all in less than the shortest timeout.
    await clock.sleep(endedAt * 500, signal);
    if (outcome.type.endsWith('Succeeded')) return jsonOf(details.output);
    throw new TaskError(error, typeof details.cause === 'string' ? details.cause : JSON.stringify(details.cause), refusalOf(attempt));
  };
}

/** The attempts in the order in which they were scheduled, as far as the history tells. */
export function attemptsIn(events: readonly RecordedEvent[]): RecordedAttempt[] {
  const byId = new Map(events.map((event) => [event.id, event] as const));
  const place = (event: RecordedEvent) => events.indexOf(event) / events.length;
  const before = (event: RecordedEvent | undefined, found: (type: string) => boolean): RecordedEvent | undefined => {
    let at = event;
    while (at !== undefined && !found(at.type)) at = at.previousEventId! < (at.id as number) ? byId.get(at.previousEventId) : undefined;
    return at;
  };
  const stateOf = (scheduled: RecordedEvent | undefined): string | undefined => {
    const entered = before(scheduled, (type) => type === 'TaskStateEntered');
    return entered && (detailsOf(entered).name as string);
  };
  const attempt = (outcome: RecordedEvent): RecordedAttempt => {
    const scheduled = before(outcome, (type) => SCHEDULED.test(type));
    const submitted = scheduled && before(outcome, (type) => SCHEDULED.test(type) || type === 'TaskSubmitted') !== scheduled;
    const endedAt = scheduled === undefined ? unordered(outcome, place(outcome)) : place(outcome);
    return { state: stateOf(scheduled), scheduled, submitted, outcome, scheduledAt: place(scheduled ?? outcome), endedAt };
  };
  const ended = events.filter(({ type }) => OUTCOME.test(type)).map(attempt);
  const known = events.filter((event) => SCHEDULED.test(event.type) && typeof event.id === 'number');
  const open = known.filter((event) => !ended.some(({ scheduled }) => scheduled === event));
  const submittedAfter = (scheduled: RecordedEvent) =>
    events.some((event) => event.type === 'TaskSubmitted' && before(event, (type) => SCHEDULED.test(type)) === scheduled);
  const overtaken = open.map((scheduled) => ({
    state: stateOf(scheduled),
    scheduled,
    submitted: submittedAfter(scheduled),
    scheduledAt: place(scheduled),
    endedAt: 1,
  }));
  return [...ended, ...overtaken, ...unknown(events, ended, place)].sort((a, b) => a.scheduledAt - b.scheduledAt);
}

/** Attempts whose events were sorted away from each other, and of which fewer ended than were scheduled. */
function unknown(
  events: readonly RecordedEvent[],
  ended: readonly RecordedAttempt[],
  place: (event: RecordedEvent) => number,
): { scheduledAt: number; endedAt: number }[] {
  const scheduled = events.filter(({ type, id }) => SCHEDULED.test(type) && typeof id !== 'number');
  const without = ended.filter((each) => each.scheduled === undefined);
  return scheduled.slice(without.length).map((event) => ({ scheduledAt: place(event), endedAt: 1 }));
}

/** All that was recorded happened: where its order is lost, what ends branches comes after what does not. */
function unordered({ type }: RecordedEvent, place: number): number {
  return type.endsWith('Succeeded') ? place / 2 : (1 + place) / 2;
}

/** How the history tells of a request that the service did not take. */
function refusalOf({ outcome, submitted }: RecordedAttempt): Refusal | undefined {
  if (outcome!.type === 'TaskSubmitFailed') return 'SubmitFailed';
  return submitted === false ? 'Failed' : undefined;
}

/** Whether an attempt can be one of a task with that resource, by what its last event says. */
function fits({ outcome, scheduled }: RecordedAttempt, resource: string): boolean {
  const event = outcome ?? scheduled;
  const asked = parseResource(resource)!;
  if (event === undefined) return true;
  if (asked.kind === 'lambda' || event.type.startsWith('Lambda')) return asked.kind === 'lambda' && event.type.startsWith('Lambda');
  const { resource: action = asked.action, resourceType = asked.type } = detailsOf(event);
  return action === asked.action && resourceType === asked.type;
}

/** Milliseconds until the timeout is the engine's own doing; 0 if the task had none. */
function limitOf(scheduled: RecordedEvent | undefined): number {
  const { timeoutInSeconds, heartbeatInSeconds } = scheduled === undefined ? {} : detailsOf(scheduled);
  const limits = [timeoutInSeconds, heartbeatInSeconds].filter((limit) => typeof limit === 'number');
  return limits.length === 0 ? 0 : Math.min(...limits) * 1000;
}
