import type { Expected } from '../../asl/state-policies';
import { sentByRules } from '../simulate';
import type { Published, SimulatedAttempt, Simulation, StatusEvent } from '../simulate/simulation';
import type { Subject } from '../simulate/target';
import { JITTER } from './scenarios';

/** Who was told what: a run that failed alerts once, one that succeeded never, and both alike whether or not events carry the cause. */
export function judgeAlerts(subject: Subject, run: Simulation): string[] {
  const causeless = run.published
    .filter(({ from }) => from === 'machine')
    .concat(run.events.flatMap((event) => sentByRules(subject, withoutCause(event))));
  return [
    ...told(run.status, run.alerts, mostAlerts(run)),
    ...told(
      run.status,
      causeless.filter(({ alert }) => alert),
      2,
    ).map((problem) => `${problem} when events carry no cause`),
  ];
}

/** A run that is stopped after the machine has told of its failure is a second thing to tell. */
function mostAlerts({ status, alerts }: Simulation): number {
  return status !== 'FAILED' && alerts.some(({ from }) => from === 'machine') ? 2 : 1;
}

function told(status: string, alerts: readonly Published[], most: number): string[] {
  if (status === 'SUCCEEDED') return alerts.length === 0 ? [] : [`succeeded, and alerted ${times(alerts.length)}`];
  if (alerts.length === 0) return [`ended ${status} and alerted nobody`];
  return [...byTopic(alerts)].filter(([, count]) => count > most).map(([topic, count]) => `alerted ${topic} ${times(count)}`);
}

function withoutCause(event: StatusEvent): StatusEvent {
  const { cause: _, ...detail } = event.detail as Record<string, unknown>;
  return { ...event, detail };
}

/** A run that succeeded notifies as one without faults does: each topic once. */
export function judgeNotifications(run: Simulation, usual: Simulation): string[] {
  if (run.status !== 'SUCCEEDED') return [];
  const twice = [...byTopic(run.notifications)].filter(([, count]) => count > 1).map(([topic, count]) => `notified ${topic} ${times(count)}`);
  const missed =
    usual.status === 'SUCCEEDED' && run.notifications.length < usual.notifications.length ? ['succeeded without the usual notification'] : [];
  return [...twice, ...missed];
}

function byTopic(published: readonly Published[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { topic } of published) counts.set(topic, (counts.get(topic) ?? 0) + 1);
  return counts;
}

/** How often a state that failed was tried, and when: as often as was asked for in one visit, and in one visit only, whatever is around it. */
export function judgeTries(tries: readonly SimulatedAttempt[], error: string, failures: number, expected: Expected): string[] {
  const visits = visitsOf(tries).filter((visit) => visit.some((each) => each.error === error));
  const [first] = visits;
  if (first === undefined) return ['was not struck'];
  const wanted = Math.min(failures, expected.retries) + 1;
  const items = visits.map(([each]) => each!.item ?? 'none');
  return [
    ...(first.length === wanted ? [] : [`was tried ${times(first.length)} for ${error}, not ${times(wanted)}`]),
    ...(new Set(items).size === items.length ? [] : [`was tried again for ${error} from outside, ${times(visits.flat().length)} in all`]),
    ...visits.flatMap((visit) => judgeWaits(visit, expected)),
  ];
}

/** The tries of each visit. */
export function visitsOf(tries: readonly SimulatedAttempt[]): SimulatedAttempt[][] {
  const ids = new Set(tries.map(({ visit }) => visit));
  return [...ids].map((id) => tries.filter(({ visit }) => visit === id));
}

function judgeWaits(visit: readonly SimulatedAttempt[], { waits, jitter }: Expected): string[] {
  return visit.slice(1).flatMap(({ start }, index) => {
    const waited = (start - visit[index]!.end) / 1000;
    const wanted = (waits[index] ?? 0) * (jitter ? JITTER : 1);
    return Math.abs(waited - wanted) < 0.001 ? [] : [`waited ${waited} s before try ${index + 2}, not ${wanted} s`];
  });
}

export function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
