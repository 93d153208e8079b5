import { MinimalStack } from '../../../examples/minimal/stack';
import { proveSubject } from '../../../lib/testing/prove/prove';
import { type Subject, subjectOf } from '../../../lib/testing/simulate/target';
import { testApp } from '../../support/app';

const minimal = subjectOf(new MinimalStack(testApp(), 'Minimal'));

type Fields = Record<string, unknown>;

/** What can be changed by hand. */
interface Parts {
  /** The states of all depths. */
  readonly states: Record<string, Fields>;
  readonly top: Record<string, Fields>;
  rules: Subject['rules'];
  readonly detail: Fields;
}

/** The state machine with something changed after the policies were applied. */
function broken(change: (parts: Parts) => unknown): Subject {
  const { machine, rules } = structuredClone({ ...minimal, policies: undefined }) as Subject;
  const top = (machine.definition as { States: Record<string, Fields> }).States;
  const parts: Parts = { states: statesIn(machine.definition), top, rules, detail: rules[0]!.pattern.detail as Fields };
  change(parts);
  return { machine, rules: parts.rules, buckets: {}, policies: minimal.policies };
}

function statesIn({ States, Branches = [], ItemProcessor }: Fields): Record<string, Fields> {
  const own = (States ?? {}) as Record<string, Fields>;
  const inner = [...Object.values(own), ...(Branches as Fields[]), ...(ItemProcessor ? [ItemProcessor as Fields] : [])];
  return Object.assign({}, own, ...inner.map(statesIn));
}

const retrier = (state: Fields | undefined) => (state!.Retry as Fields[]).at(-1)!;
const retriesAll = [{ ErrorEquals: ['States.ALL'], MaxAttempts: 2 }];

test('the state machine of a pipeline keeps what its policies promise, whatever goes wrong', async () => {
  const { violations, cases } = await proveSubject(minimal, {});
  expect(violations).toEqual([]);
  const faultsAt = (name: string) => new Set(cases.filter(({ state }) => state === name).map(({ fault }) => fault));
  const common = [
    'fails once',
    'fails twice',
    'fails 3 times',
    'permanent error',
    'task timeout',
    'throttled',
    'malformed, empty',
    'machine timeout',
    'aborted',
  ];
  for (const state of [
    'Extract: Run',
    'Clean: Parts',
    'Clean: Part',
    'Load: Transaction',
    'Load: Submit',
    'Load: Cancel',
    'Notify: Publish',
    'Alert: Publish',
  ]) {
    expect([state, [...faultsAt(state)]]).toEqual([state, expect.arrayContaining(common)]);
  }
  expect(faultsAt('Clean: Parts')).toContain('all inside at once');
  expect(faultsAt('Load: Transaction')).toContain('outer once, inner twice');
  expect(faultsAt('Load: Wait')).toContain('aborted');
}, 60_000);

const TASK = 'Extract: Run';

const CHANGES: [what: string, where: string, change: (parts: Parts) => unknown, problem: RegExp][] = [
  ['a Retry', TASK, ({ states }) => delete states[TASK]!.Retry, /^Extract: Run, fails once, .* was tried once for Injected.Fault, not 2 times$/],
  [
    'the Retry of the alert',
    'Alert: Publish',
    ({ states }) => delete states['Alert: Publish']!.Retry,
    /^Alert: Publish, fails once, .* was tried once/,
  ],
  ['the Retry inside a Map', 'Clean: Part', ({ states }) => delete states['Clean: Part']!.Retry, /^Clean: Part, fails once, .* was tried once/],
  [
    'the Retry of what a Parallel raises',
    '',
    ({ states }) => delete states['Load: Transaction']!.Retry,
    /in a run whose statement fails: .*was tried once/,
  ],
  [
    'the retrier of permanent errors',
    TASK,
    ({ states }) => (states[TASK]!.Retry as []).shift(),
    /permanent error, .* tried 3 times for InvalidInput, not once/,
  ],
  ['the growth of the waits', TASK, ({ states }) => Object.assign(retrier(states[TASK]), { BackoffRate: 1 }), /waited 10 s before try 3, not 20 s/],
  [
    'half of the first wait',
    TASK,
    ({ states }) => Object.assign(retrier(states[TASK]), { IntervalSeconds: 10 }),
    /waited 5 s before try 2, not 10 s/,
  ],
  ['half of the cap', TASK, ({ states }) => Object.assign(retrier(states[TASK]), { MaxDelaySeconds: 30 }), /waited 15 s before try 3, not 20 s/],
  ['the jitter', TASK, ({ states }) => delete retrier(states[TASK]).JitterStrategy, /waited 20 s before try 2, not 10 s/],
  [
    'the rule',
    TASK,
    (parts) => {
      parts.rules = [];
    },
    /aborted, .* ended ABORTED and alerted nobody$/,
  ],
  [
    'a status in the rule',
    TASK,
    ({ detail }) => {
      detail.status = ['FAILED', 'ABORTED'];
    },
    /machine timeout, .* ended TIMED_OUT and alerted nobody$/,
  ],
  ['the cause in the rule', TASK, ({ detail }) => delete detail.cause, /fails 3 times, .* alerted \S+ 2 times$/],
  [
    'the cause that may be absent',
    TASK,
    ({ detail }) => {
      detail.cause = [{ 'anything-but': { prefix: '[alerted] ' } }];
    },
    /aborted, .* ended ABORTED and alerted nobody/,
  ],
  [
    'the mark on the cause',
    TASK,
    ({ states }) => Object.assign(states['Alert: Failed']!, { Cause: '{% $failure.Cause %}' }),
    /fails 3 times, .* alerted \S+ 2 times$/,
  ],
  [
    'the name of the error',
    TASK,
    ({ states }) => Object.assign(states['Alert: Failed']!, { Error: 'Failed' }),
    /fails 3 times, .* ended FAILED with Failed, not with Injected.Fault/,
  ],
  [
    'the Fail state of the alert',
    TASK,
    ({ top }) => {
      top['Alert: Failed'] = { Type: 'Succeed' };
    },
    /fails 3 times, .* ended SUCCEEDED though 'Extract: Run' failed for good/,
  ],
  [
    'a Catch',
    TASK,
    ({ states }) => delete states[TASK]!.Catch,
    /fails 3 times, .* ended FAILED with Injected.Fault, and the machine itself did not tell of it$/,
  ],
  [
    'a Catch, and the rule',
    TASK,
    (parts) => {
      delete parts.states[TASK]!.Catch;
      parts.rules = [];
    },
    /fails 3 times, .* ended FAILED and alerted nobody/,
  ],
  [
    'a status that ends the wait: FAILED',
    '',
    ({ states }) => dropStatus(states, 'FAILED'),
    /in a run whose statement fails: took \d+ s, where 600 s are enough/,
  ],
  ['a status that ends the wait: ABORTED', '', ({ states }) => dropStatus(states, 'ABORTED'), /in a run whose statement is aborted: took \d+ s/],
  ['a status that ends the wait: FINISHED', '', ({ states }) => dropStatus(states, 'FINISHED'), /in a usual run: ended FAILED, not SUCCEEDED: /],
  [
    'the notification',
    'Clean: Finish',
    ({ states }) => Object.assign(states['Clean: Finish']!, { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Load: Skipped' }] }),
    /fails 3 times, .* ended SUCCEEDED/,
  ],
];

function dropStatus(states: Record<string, Fields>, status: string): void {
  const choice = states['Load: Status']!;
  choice.Choices = (choice.Choices as Fields[]).filter(({ Condition }) => !String(Condition).includes(`'${status}'`));
}

test.each(CHANGES)('without %s it is proved wrong', async (_, state, change, problem) => {
  const { violations } = await proveSubject(broken(change), { states: [state] });
  expect(violations).toContainEqual(expect.stringMatching(problem));
});

const ADDED: typeof CHANGES = [
  [
    'a third retry',
    TASK,
    ({ states }) => Object.assign(retrier(states[TASK]), { MaxAttempts: 3 }),
    /fails 3 times, .* was tried 4 times for Injected.Fault, not 3 times/,
  ],
  [
    'a Retry of a Map around its tasks',
    'Clean: Part',
    ({ states }) => Object.assign(states['Clean: Parts']!, { Retry: retriesAll }),
    /task timeout, .* was tried again for States.Timeout from outside, \d+ times in all/,
  ],
  [
    'a Retry of a Parallel around its tasks',
    'Load: Submit',
    ({ states }) => Object.assign(retrier(states['Load: Transaction']), { ErrorEquals: ['States.ALL'] }),
    /task timeout, .* was tried again for States.Timeout from outside/,
  ],
  [
    'a rule for runs that succeeded',
    TASK,
    ({ detail }) => {
      detail.status = ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];
    },
    /in a usual run: notified \S+ 2 times/,
  ],
  [
    'a second alert',
    TASK,
    ({ top }) => {
      top['Alert: Publish']!.Next = 'Again';
      top.Again = { ...top['Alert: Publish'], Next: 'Alert: Failed' };
    },
    /fails 3 times, .* alerted \S+ 2 times$/,
  ],
  [
    'a state that no run reaches',
    TASK,
    ({ top }) => {
      top.Lost = { ...top['Notify: Publish'] };
    },
    /^Lost: no run reached it, so nothing is proved of it; add a scenario/,
  ],
];

test.each(ADDED)('with %s it is proved wrong', async (_, state, change, problem) => {
  const { violations } = await proveSubject(broken(change), { states: [state] });
  expect(violations).toContainEqual(expect.stringMatching(problem));
});
