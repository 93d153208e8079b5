import type { WaitState } from './definition';
import type { Rule, Step, Visit } from './visit';

const TIMESTAMP: Rule = {
  allows: (value) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value as string) && !Number.isNaN(Date.parse(value as string)),
  allowed: 'an RFC 3339 timestamp such as 2026-01-31T12:00:00Z',
};

/** Quota of the service. */
const MOST_SECONDS = 99_999_999;

/** Sleeps on the clock for Seconds or until Timestamp. */
export async function waitFor(visit: Visit<WaitState>): Promise<Step> {
  const { state, frame } = visit;
  await frame.run.clock.sleep(await milliseconds(visit), frame.signal);
  return visit.leave(state, state.Next, visit.input);
}

async function milliseconds(visit: Visit<WaitState>): Promise<number> {
  const { Seconds, Timestamp } = visit.state;
  if (Timestamp === undefined) return (await visit.integer(Seconds, 'Seconds', 0, MOST_SECONDS))! * 1000;
  const until = (await visit.evaluateAs('string', Timestamp, 'Timestamp', TIMESTAMP)) as string;
  return Date.parse(until) - visit.frame.run.clock.now();
}
