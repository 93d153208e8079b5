import { mark, type RetrySpec, type State, type StateMachineAsl } from '../../lib/asl';
import { expectedRetries, requestedPolicies } from '../../lib/asl/state-policies';

const spec: RetrySpec = { maxAttempts: 3, intervalSeconds: 20, backoffRate: 2, maxDelaySeconds: 60, jitter: true, permanentErrors: ['Permanent'] };
const once: RetrySpec = { ...spec, maxAttempts: 1, intervalSeconds: 5, jitter: false };
const task: State = { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', End: true };
const marked = (marker: object) => mark({ path: 'p', step: 's', ...marker });
const inner = { StartAt: 'In', States: { In: task } };
const never = { retries: 0, waits: [], jitter: false };

const asl: StateMachineAsl = {
  StartAt: 'Plain',
  States: {
    Plain: task,
    Step: { ...task, Comment: marked({ retry: once }) },
    Own: {
      ...task,
      Retry: [
        { ErrorEquals: ['Busy'], MaxAttempts: 2, IntervalSeconds: 7, BackoffRate: 1, JitterStrategy: 'FULL' },
        { ErrorEquals: ['States.ALL'], BackoffRate: 3 },
      ],
    },
    Hidden: {
      ...task,
      Retry: [
        {
          ErrorEquals: [
            'Lambda.ClientExecutionTimeoutException',
            'Lambda.ServiceException',
            'Lambda.AWSLambdaException',
            'Lambda.SdkClientException',
          ],
          IntervalSeconds: 2,
          MaxAttempts: 6,
          BackoffRate: 2,
        },
      ],
    },
    Both: { Type: 'Parallel', Comment: marked({ raises: ['Raised'], retry: once }), Branches: [inner], End: true },
    Each: { Type: 'Map', ItemProcessor: inner, End: true },
    Spread: { Type: 'Map', ItemProcessor: { ...inner, ProcessorConfig: { Mode: 'DISTRIBUTED' } }, End: true },
  },
};

const policies = () => requestedPolicies(asl, { retry: spec, alert: { startAt: 'Tell', states: { Tell: task, End: { Type: 'Fail' } } } });
const expected = (name: string, error: string) => expectedRetries(policies(), name, asl.States[name]!.Type, error);

describe('what is expected of a state that fails', () => {
  test('a task is retried by the policy, each wait longer up to the cap', () => {
    expect(expected('Plain', 'Any')).toEqual({ retries: 3, waits: [20, 40, 60], jitter: true });
  });

  test.each(['Permanent', 'States.Runtime', 'States.DataLimitExceeded'])('a task is not retried for %s', (error) => {
    expect(expected('Plain', error)).toEqual(never);
  });

  test("a step's own policy goes first", () => {
    expect(expected('Step', 'Any')).toEqual({ retries: 1, waits: [5], jitter: false });
  });

  test('a Retry written by hand stays, its first retrier that matches counts', () => {
    expect(expected('Own', 'Busy')).toEqual({ retries: 2, waits: [7, 7], jitter: true });
    expect(expected('Own', 'Any')).toEqual({ retries: 3, waits: [1, 3, 9], jitter: false });
    expect(expected('Own', 'Permanent').retries).toBe(3);
    expect(expected('Own', 'States.Runtime')).toEqual(never);
  });

  test('a Retry written by hand that does not name the error does not retry it', () => {
    const busyOnly = { ...policies(), states: { Own: { own: [{ ErrorEquals: ['Busy'] }] } } };
    expect(expectedRetries(busyOnly, 'Own', 'Task', 'Any')).toEqual(never);
    expect(expectedRetries(busyOnly, 'Own', 'Task', 'Busy')).toEqual({ retries: 3, waits: [1, 2, 4], jitter: false });
  });

  test("the retrier that CDK adds to LambdaInvoke is nobody's policy", () => {
    expect(expected('Hidden', 'Lambda.ServiceException').retries).toBe(3);
    expect(policies().states.Hidden).not.toHaveProperty('own');
  });

  test('a Parallel is retried for what it raises itself, and for nothing that its tasks may raise', () => {
    expect(expected('Both', 'Raised')).toEqual({ retries: 1, waits: [5], jitter: false });
    expect(expected('Both', 'Any')).toEqual(never);
  });

  test('a Map is retried for nothing, a Distributed Map for its reader and writer', () => {
    expect(expected('Each', 'Any')).toEqual(never);
    expect(expected('Each', 'States.ItemReaderFailed')).toEqual(never);
    expect(expected('Spread', 'States.ItemReaderFailed').retries).toBe(3);
    expect(expected('Spread', 'Any')).toEqual(never);
  });

  test('a state that nobody asked anything of has the policy', () => {
    expect(expectedRetries({ retry: spec, states: {} }, 'Unknown', 'Task', 'Any').retries).toBe(3);
    expect(expectedRetries({ retry: spec, states: {} }, 'Unknown', 'Parallel', 'Any')).toEqual(never);
  });
});

test('the states of the alert are those of the policy, none if only a rule alerts', () => {
  expect(policies().alertStates).toEqual(['Tell', 'End']);
  expect(requestedPolicies(asl, { retry: spec }).alertStates).toEqual([]);
});

test('states of all depths are there', () => {
  expect(Object.keys(policies().states)).toEqual(['Plain', 'Step', 'Own', 'Hidden', 'Both', 'Each', 'Spread', 'In']);
});
