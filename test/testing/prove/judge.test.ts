import type { Expected } from '../../../lib/asl/state-policies';
import type { Plan } from '../../../lib/testing/prove/cases';
import { judgeAlerts, judgeNotifications, judgeTries } from '../../../lib/testing/prove/judge';
import { judgeEnd } from '../../../lib/testing/prove/judge-end';
import { ProvedMachine } from '../../../lib/testing/prove/machine';
import type { Published, SimulatedAttempt, Simulation } from '../../../lib/testing/simulate/simulation';
import { subjectOf } from '../../../lib/testing/simulate/target';

const definition = { StartAt: 'Work', States: { Work: { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', End: true } } };
const subject = subjectOf(definition);

function run(changes: Partial<Simulation>): Simulation {
  const published = changes.published ?? [];
  return {
    status: 'SUCCEEDED',
    ms: 0,
    transitions: 1,
    attempts: {},
    entered: [],
    events: [],
    history: [],
    objects: {},
    definition,
    alerts: published.filter(({ alert }) => alert),
    notifications: published.filter(({ alert }) => !alert),
    ...changes,
    published,
  };
}

const message = (topic: string, alert: boolean): Published => ({ topic, message: 'm', by: 'Tell', from: 'machine', alert });

describe('alerts', () => {
  test('of a run that succeeded are wrong', () => {
    expect(judgeAlerts(subject, run({ published: [message('t', true)] }))).toContain('succeeded, and alerted once');
    expect(judgeAlerts(subject, run({ published: [message('t', false)] }))).toEqual([]);
  });

  test('of a run that failed are one for each topic', () => {
    const failed = (...published: Published[]) => judgeAlerts(subject, run({ status: 'FAILED', published }));
    expect(failed(message('t', true), message('u', true))).toEqual([]);
    expect(failed(message('t', true), message('t', true))).toEqual(['alerted t 2 times']);
    expect(failed(message('t', false))).toContain('ended FAILED and alerted nobody');
  });

  test('may be two if someone stopped the run after the machine had told of its failure', () => {
    const published = [message('t', true), { ...message('t', true), from: 'rule' as const }];
    expect(judgeAlerts(subject, run({ status: 'ABORTED', published }))).toEqual([]);
    expect(judgeAlerts(subject, run({ status: 'FAILED', published }))).toEqual(['alerted t 2 times']);
  });
});

describe('notifications', () => {
  const usual = run({ published: [message('t', false)] });

  test('are those of a run without faults', () => {
    expect(judgeNotifications(usual, usual)).toEqual([]);
    expect(judgeNotifications(run({}), usual)).toEqual(['succeeded without the usual notification']);
    expect(judgeNotifications(run({ published: [message('t', false), message('t', false)] }), usual)).toEqual(['notified t 2 times']);
  });

  test('of a run that failed are its own matter', () => {
    expect(judgeNotifications(run({ status: 'FAILED' }), usual)).toEqual([]);
  });
});

describe('tries', () => {
  const expected: Expected = { retries: 2, waits: [20, 40], jitter: true };
  const tries = (...starts: number[]): SimulatedAttempt[] =>
    starts.map((start) => ({ start: start * 1000, end: start * 1000, error: 'E', visit: 1 }));

  test('are as many, and as far apart, as was asked for, with half of the jitter', () => {
    expect(judgeTries(tries(0, 10, 30), 'E', 3, expected)).toEqual([]);
    expect(judgeTries(tries(0, 10), 'E', 3, expected)).toEqual(['was tried 2 times for E, not 3 times']);
    expect(judgeTries(tries(0, 20, 40), 'E', 3, expected)).toEqual(['waited 20 s before try 2, not 10 s']);
    expect(judgeTries(tries(0, 20, 60), 'E', 3, { ...expected, jitter: false })).toEqual([]);
  });

  test('are looked at in each visit, of which there is one for each item', () => {
    const again = tries(50, 60, 80).map((each) => ({ ...each, visit: 2 }));
    expect(judgeTries([...tries(0, 10, 30), ...again], 'E', 3, expected)).toEqual(['was tried again for E from outside, 6 times in all']);
    const items = [...tries(0, 10, 30).map((each) => ({ ...each, item: 0 })), ...again.map((each) => ({ ...each, item: 1 }))];
    expect(judgeTries(items, 'E', 3, expected)).toEqual([]);
  });

  test('there must be, for a fault that was planned', () => {
    expect(judgeTries([], 'E', 3, expected)).toEqual(['was not struck']);
    expect(judgeTries(tries(0), 'Other', 3, expected)).toEqual(['was not struck']);
  });
});

describe('the end of a run', () => {
  const machine = new ProvedMachine(subject, {});
  const usual = run({ output: 'usual' });
  const baseline = { name: 'a usual run', options: { faults: [] }, run: usual };
  const judged = (ends: Plan['ends'], changes: Partial<Simulation>, handlers = {}) => {
    const plan: Plan = { fault: 'f', faults: [], state: machine.visits[0]!, ends };
    return judgeEnd(machine, run(changes), { ...baseline, options: { faults: [], handlers } }, plan);
  };

  test('is what it must be', () => {
    expect(judged('ABORTED', { status: 'ABORTED' })).toEqual([]);
    expect(judged('ABORTED', { status: 'SUCCEEDED' })).toEqual(['ended SUCCEEDED, not ABORTED']);
    expect(judged('TIMED_OUT', { status: 'FAILED', error: 'E' })).toEqual(['ended FAILED with E, not TIMED_OUT']);
    expect(judged('FAILED', { status: 'SUCCEEDED' })).toEqual(["ended SUCCEEDED though 'Work' failed for good"]);
  });

  test('is the usual one if the fault could be survived', () => {
    expect(judged('as usual', { status: 'SUCCEEDED', output: 'other' })).toEqual([]);
    expect(judged('as usual', { status: 'FAILED', error: 'E' })).toEqual([
      expect.stringMatching(/^ended FAILED with E, though it could be tried again/),
    ]);
  });

  test('rests on no answer that is malformed, as far as it is known what is', () => {
    expect(judged('not believed', { status: 'FAILED' })).toEqual([]);
    expect(judged('not believed', { output: 'usual' })).toEqual([]);
    expect(judged('not believed', { output: 'other' })).toEqual(['ended SUCCEEDED, on an answer that it should not have believed']);
    expect(judged('not believed', { output: 'other' }, { Work: () => ({}) })).toEqual([]);
  });
});
