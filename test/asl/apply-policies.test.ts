import jsonata from 'jsonata';
import { applyPolicies, type StateMachineAsl } from '../../lib/asl';
import {
  ALERT,
  assign,
  catching,
  choice,
  distributed,
  fail,
  HIDDEN,
  machine,
  map,
  NEVER,
  parallel,
  pass,
  RETRIED,
  step,
  succeed,
  TWICE,
  task,
  wait,
} from './support';

const apply = (asl: StateMachineAsl, policies = {}) => applyPolicies(asl, { retry: TWICE, ...policies });
const OWN = [{ ErrorEquals: ['Slow'], MaxAttempts: 5 }];

describe('the retry policy', () => {
  test('reaches every task, however deep', () => {
    const { States } = apply(machine({ A: task(), B: parallel([{ C: map({ D: task() }) }]) }));
    expect(States.A!.Retry).toEqual(RETRIED);
    expect(States.B!.Branches![0]!.States.C!.ItemProcessor!.States.D!.Retry).toEqual(RETRIED);
  });

  test('reaches the tasks of a Map under the older name of its processor, which it renews', () => {
    const { States } = apply(machine({ A: { Type: 'Map', Iterator: { StartAt: 'B', States: { B: task({ End: true }) } } } }));
    expect(States.A).toEqual({ Type: 'Map', ItemProcessor: { StartAt: 'B', States: { B: task({ Retry: RETRIED, End: true }) } }, End: true });
  });

  test('gives states that cannot retry, inline Maps and plain Parallels nothing', () => {
    const { States } = apply(machine({ A: pass(), B: wait(), C: map({ D: task() }), E: parallel([{ F: task() }]) }));
    expect(Object.values(States).map(({ Retry }) => Retry)).toEqual([undefined, undefined, undefined, undefined]);
  });

  test("leaves a user's own Retry as it is", () => {
    const { States } = apply(machine({ A: task({ Retry: OWN }), B: parallel([{ C: task() }], { Retry: OWN }) }));
    expect(States.A!.Retry).toEqual(OWN);
    expect(States.B!.Retry).toEqual(OWN);
  });

  test("removes CDK's hidden retrier, and only that", () => {
    const { States } = apply(
      machine({
        A: task({ Retry: [HIDDEN] }),
        B: task({ Retry: [HIDDEN, ...OWN] }),
        C: task({ Retry: [{ ...HIDDEN, MaxAttempts: 5 }] }),
        D: task({ Retry: [{ ...HIDDEN, JitterStrategy: 'FULL' }] }),
      }),
    );
    expect(States.A!.Retry).toEqual(RETRIED);
    expect(States.B!.Retry).toEqual(OWN);
    expect(States.C!.Retry).toEqual([{ ...HIDDEN, MaxAttempts: 5 }]);
    expect(States.D!.Retry).toEqual([{ ...HIDDEN, JitterStrategy: 'FULL' }]);
  });

  test('with no attempts leaves no retrier at all, the hidden one included', () => {
    const { States } = apply(machine({ A: task({ Retry: [HIDDEN] }), B: distributed({ C: pass() }) }), { retry: NEVER });
    expect(States.A).not.toHaveProperty('Retry');
    expect(States.B).not.toHaveProperty('Retry');
  });

  test('without permanent errors or jitter renders neither', () => {
    const { States } = apply(machine({ A: task() }), { retry: { ...TWICE, permanentErrors: [], jitter: false } });
    expect(States.A!.Retry).toEqual([{ ErrorEquals: ['States.ALL'], IntervalSeconds: 20, MaxAttempts: 2, BackoffRate: 2, MaxDelaySeconds: 300 }]);
  });

  test('is overridden by the policy of the step', () => {
    const { States } = apply(machine({ A: task(step('A', { retry: NEVER })), B: task(step('B', { retry: { ...TWICE, maxAttempts: 4 } })) }));
    expect(States.A).not.toHaveProperty('Retry');
    expect(States.B!.Retry![1]!.MaxAttempts).toBe(4);
  });

  test('lets a Parallel retry exactly the errors that its Fail states raise', () => {
    const { States } = apply(machine({ A: parallel([{ B: task(), C: fail('Broken') }], step('A', { raises: ['Broken'] })) }));
    expect(States.A!.Retry).toEqual([{ ...RETRIED[1], ErrorEquals: ['Broken'] }]);
  });

  test('lets a distributed Map retry its reader and writer', () => {
    const { States } = apply(machine({ A: distributed({ B: task() }) }));
    expect(States.A!.Retry).toEqual([{ ...RETRIED[1], ErrorEquals: ['States.ItemReaderFailed', 'States.ResultWriterFailed'] }]);
  });
});

describe('the alert policy', () => {
  const caught = (state: string) => ({
    ErrorEquals: ['States.ALL'],
    Assign: { failure: `{% $merge([{'state': '${state}'}, $states.errorOutput]) %}` },
    Next: 'Alert',
  });

  test('catches what fails at the top level, and leaves errors inside to bubble', () => {
    const { States } = apply(machine({ A: task(), B: parallel([{ C: task() }]), D: map({ E: task() }), F: pass() }), { alert: ALERT });
    expect([States.A, States.B, States.D].map((state) => state!.Catch)).toEqual([[caught('A')], [caught('B')], [caught('D')]]);
    expect(States.B!.Branches![0]!.States.C).not.toHaveProperty('Catch');
    expect(States.D!.ItemProcessor!.States.E).not.toHaveProperty('Catch');
    expect(States.F).not.toHaveProperty('Catch');
  });

  test("comes after the user's catchers, and never beside one for States.ALL", () => {
    const { States } = apply(machine({ A: task(catching('D', 'Empty')), B: task(catching('D')), C: succeed(), D: fail() }), { alert: ALERT });
    expect(States.A!.Catch).toEqual([{ ErrorEquals: ['Empty'], Next: 'D' }, caught('A')]);
    const both = [...catching('D', 'Empty').Catch, ...catching('D').Catch];
    expect(apply(machine({ A: task({ Catch: both }), C: succeed(), D: fail() }), { alert: ALERT }).States.A!.Catch).toEqual(both);
    expect(States.B!.Catch).toEqual([{ ErrorEquals: ['States.ALL'], Next: 'D' }]);
  });

  test('adds its states, which retry but catch nothing', () => {
    const { States } = apply(machine({ A: task(catching('C', 'Empty')), B: pass(), C: succeed() }), { alert: ALERT });
    expect(States.Alert).toEqual({ ...ALERT.states.Alert, Retry: RETRIED });
    expect(States.Alerted).toEqual(ALERT.states.Alerted);
  });

  test('adds nothing where nothing can fail', () => {
    expect(apply(machine({ A: pass() }), { alert: ALERT }).States).toEqual(machine({ A: pass() }).States);
  });

  test("leaves a user's state of the same name as it is", () => {
    expect(apply(machine({ A: task(), Alert: pass() }), { alert: ALERT }).States.Alert).toEqual(pass({ End: true }));
  });

  test.each(["Bob's", 'a\\b', 'plain'])('tells the name %s as it is', async (name) => {
    const [catcher] = apply(machine({ [name]: task() }), { alert: ALERT }).States[name]!.Catch!;
    const expression = (catcher!.Assign!.failure as string).slice(2, -2);
    expect(await jsonata(expression).evaluate({}, { states: { errorOutput: { Error: 'E', Cause: 'C' } } })).toEqual({
      state: name,
      Error: 'E',
      Cause: 'C',
    });
  });
});

describe('what is rendered', () => {
  test('has states in flow order, error handlers after the flow, what nothing leads to at the end', () => {
    const asl: StateMachineAsl = {
      StartAt: 'A',
      States: {
        Lost: pass({ End: true }),
        Handler: pass({ Next: 'Done' }),
        C: choice({ true: 'D' }, 'E'),
        Done: succeed(),
        E: pass({ Next: 'Done' }),
        D: pass({ Next: 'Done' }),
        A: task({ ...catching('Handler'), Next: 'C' }),
      },
    };
    expect(Object.keys(apply(asl).States)).toEqual(['A', 'C', 'D', 'Done', 'E', 'Handler', 'Lost']);
  });

  test('keeps loops, and targets that do not exist, for the check to judge', () => {
    const { States } = apply(machine({ A: wait(), B: choice({ $x: 'Gone' }, 'A') }));
    expect(Object.keys(States)).toEqual(['A', 'B']);
  });

  test('has fields in reading order', () => {
    const asl = machine({
      A: {
        Next: 'B',
        Catch: [{ Next: 'B', ErrorEquals: ['X'] }],
        Assign: { a: 1 },
        Credentials: {},
        Resource: 'r',
        TimeoutSeconds: 1,
        Type: 'Task',
        Arguments: {},
        Comment: 'c',
      },
      B: succeed(),
    });
    const { A } = apply(asl).States;
    expect(Object.keys(A!)).toEqual([
      'Type',
      'Comment',
      'Resource',
      'Arguments',
      'Credentials',
      'Assign',
      'TimeoutSeconds',
      'Retry',
      'Catch',
      'Next',
    ]);
    expect(Object.keys(A!.Catch![0]!)).toEqual(['ErrorEquals', 'Next']);
    expect(Object.keys(apply(asl))).toEqual(['QueryLanguage', 'StartAt', 'States']);
  });

  test("repeats the machine's query language nowhere, and keeps another", () => {
    const asl = machine({ A: parallel([{ B: pass({ QueryLanguage: 'JSONata' }), C: pass({ QueryLanguage: 'JSONPath' }) }]) });
    const { B, C } = apply(asl).States.A!.Branches![0]!.States;
    expect(B).not.toHaveProperty('QueryLanguage');
    expect(C!.QueryLanguage).toBe('JSONPath');
  });

  test('has no arguments that are null, but nulls that are values', () => {
    const { States } = apply(
      machine({ A: task({ Arguments: { NotificationProperty: null, Payload: { low: null } } }), B: pass({ Assign: { low: null }, Output: null }) }),
    );
    expect(States.A!.Arguments).toEqual({ Payload: { low: null } });
    expect(States.B).toMatchObject({ Assign: { low: null }, Output: null });
  });

  test('leaves out undefined fields, and leaves the input alone', () => {
    const asl = machine({ A: task({ Output: undefined, Retry: [HIDDEN] }), B: assign('x') });
    const before = JSON.stringify(asl);
    const after = apply(asl, { alert: ALERT });
    expect(after.States.A).not.toHaveProperty('Output');
    expect(JSON.parse(JSON.stringify(after))).toEqual(after);
    expect(JSON.stringify(asl)).toBe(before);
  });

  test('is the same when applied again', () => {
    const once = apply(machine({ A: task({ Retry: [HIDDEN] }), B: distributed({ C: task() }) }), { alert: ALERT });
    expect(JSON.stringify(apply(once, { alert: ALERT }))).toBe(JSON.stringify(once));
  });
});
