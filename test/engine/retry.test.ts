import { VirtualClock } from '../../lib/engine';
import { StateFailure } from '../../lib/engine/errors';
import { matches } from '../../lib/engine/retry';
import { failing, machine, pass, run, task } from './support';

/** Runs one task that fails with `errors` under these retriers; returns when it was tried, in seconds. */
async function tries(retriers: object[], errors: string[], random = () => 0.5) {
  const clock = new VirtualClock(0);
  const { tasks, times } = failing(clock, ...errors);
  const execution = await run(machine({ Load: task({ Retry: retriers }) }), { clock, tasks, random });
  return { seconds: times.map((time) => time / 1000), execution };
}

const all = (fields: object) => ({ ErrorEquals: ['States.ALL'], ...fields });
const errors = (count: number, name = 'Boom') => Array<string>(count).fill(name);

describe('Retry', () => {
  test('takes any of the errors that one retrier names', async () => {
    expect((await tries([{ ErrorEquals: ['Other', 'Boom'], MaxAttempts: 1 }], errors(1))).execution.status).toBe('SUCCEEDED');
  });

  test('waits IntervalSeconds times BackoffRate to the number of retries before', async () => {
    const { seconds, execution } = await tries([all({ IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 4 })], errors(4));
    // 2, 6, 18 and 54 seconds apart.
    expect(seconds).toEqual([0, 2, 8, 26, 80]);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', transitions: 5 });
  });

  test('is 1 second, doubling, three times, when nothing is said', async () => {
    const { seconds, execution } = await tries([all({})], errors(9));
    expect(seconds).toEqual([0, 1, 3, 7]);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Boom', cause: 'failure 4' });
  });

  test('waits no longer than MaxDelaySeconds', async () => {
    const { seconds } = await tries([all({ IntervalSeconds: 1, BackoffRate: 2, MaxAttempts: 5, MaxDelaySeconds: 5 })], errors(5));
    // 1, 2, 4, then 5 instead of 8 and 16.
    expect(seconds).toEqual([0, 1, 3, 7, 12, 17]);
  });

  test('full jitter draws each delay evenly from nothing to the whole', async () => {
    const draws = [0, 0.25, 0.999];
    const { seconds } = await tries([all({ IntervalSeconds: 8, MaxAttempts: 3, JitterStrategy: 'FULL' })], errors(3), () => draws.shift()!);
    // 0 of 8, a quarter of 16, nearly all of 32.
    expect(seconds[1]).toBe(0);
    expect(seconds[2]).toBe(4);
    expect(seconds[3]).toBeCloseTo(4 + 31.968, 9);
  });

  test('jitter applies to the capped delay', async () => {
    const { seconds } = await tries([all({ IntervalSeconds: 100, MaxDelaySeconds: 10, MaxAttempts: 1, JitterStrategy: 'FULL' })], errors(1));
    expect(seconds).toEqual([0, 5]);
  });

  test('without jitter nothing is drawn', async () => {
    const random = jest.fn(() => 0.5);
    await tries([all({ MaxAttempts: 2, JitterStrategy: 'NONE' })], errors(2), random);
    expect(random).not.toHaveBeenCalled();
  });

  test('retries twice means three tries', async () => {
    const { seconds } = await tries([all({ MaxAttempts: 2 })], errors(9));
    expect(seconds).toHaveLength(3);
  });

  test('the first retrier that matches decides, and MaxAttempts 0 means never', async () => {
    const { seconds, execution } = await tries([{ ErrorEquals: ['Boom'], MaxAttempts: 0 }, all({ MaxAttempts: 5 })], errors(9));
    expect(seconds).toEqual([0]);
    expect(execution.error).toBe('Boom');
  });

  test('every retrier counts its own attempts and its own delays', async () => {
    const retriers = [
      { ErrorEquals: ['A'], IntervalSeconds: 1, BackoffRate: 10, MaxAttempts: 2 },
      { ErrorEquals: ['B'], IntervalSeconds: 5, BackoffRate: 2, MaxAttempts: 1 },
    ];
    // A waits 1, B waits 5, A waits 10, and the second B is one too many.
    const { seconds, execution } = await tries(retriers, ['A', 'B', 'A', 'B']);
    expect(seconds).toEqual([0, 1, 6, 16]);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'B', transitions: 4 });
  });

  test('starts from zero when the state is entered again', async () => {
    const clock = new VirtualClock(0);
    const { tasks, times } = failing(clock, 'Boom', 'Boom', 'Boom', 'Boom');
    const definition = machine({
      Load: task({ Retry: [all({ IntervalSeconds: 1, MaxAttempts: 1 })], Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Load' }] }),
    });
    const execution = await run(definition, { clock, tasks });
    // Two visits of two tries each, then success.
    expect(times).toEqual([0, 1000, 1000, 2000, 2000]);
    expect(execution.status).toBe('SUCCEEDED');
  });

  test('the context object and the request tell which attempt it is', async () => {
    const clock = new VirtualClock(0);
    const { tasks } = failing(clock, 'Boom', 'Boom');
    const attempts: number[] = [];
    const definition = machine({ Load: task({ Arguments: '{% $states.context.State.RetryCount %}', Retry: [all({})] }) });
    await run(definition, {
      clock,
      tasks: (request) => {
        attempts.push(request.attempt, request.arguments as number);
        return tasks(request);
      },
    });
    expect(attempts).toEqual([0, 0, 1, 1, 2, 2]);
  });

  test('retries a task whose result its own fields cannot use', async () => {
    let calls = 0;
    const tasks = async () => {
      calls += 1;
      return calls === 1 ? {} : { count: 3 };
    };
    const execution = await run(machine({ Load: task({ Output: '{% $states.result.count %}', Retry: [all({})] }) }), { tasks });
    expect(execution.output).toBe(3);
  });
});

describe('Catch', () => {
  const caught = (catchers: object[], extra = {}) => machine({ Load: task({ Catch: catchers, Next: 'Done', ...extra }), Done: pass(), Told: pass() });

  test('takes what Retry gave up on, with the error as output', async () => {
    const clock = new VirtualClock(0);
    const { tasks, times } = failing(clock, 'Boom', 'Boom');
    const definition = caught([{ ErrorEquals: ['Boom'], Next: 'Told' }], { Retry: [all({ MaxAttempts: 1 })] });
    const execution = await run(definition, { clock, tasks });
    expect(times).toEqual([0, 1000]);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: { Error: 'Boom', Cause: 'failure 2' }, transitions: 3 });
  });

  test('the first catcher that matches decides', async () => {
    const { tasks } = failing(new VirtualClock(0), 'Boom');
    const catchers = [
      { ErrorEquals: ['Other'], Next: 'Done' },
      { ErrorEquals: ['Boom'], Next: 'Told', Output: 'first' },
      { ErrorEquals: ['States.ALL'], Next: 'Told', Output: 'second' },
    ];
    expect((await run(caught(catchers), { tasks })).output).toBe('first');
  });

  test('assigns and outputs by its own fields, not those of the state', async () => {
    const { tasks } = failing(new VirtualClock(0), 'Boom');
    const catcher = {
      ErrorEquals: ['States.ALL'],
      Next: 'Told',
      Assign: { failure: '{% $states.errorOutput.Error %}' },
      Output: '{% $states.input.id %}',
    };
    const definition = machine({
      Load: task({ Catch: [catcher], Assign: { failure: 'none' }, Next: 'Told' }),
      Told: pass({ Output: '{% [$failure, $states.input] %}' }),
    });
    expect((await run(definition, { tasks, input: { id: 7 } })).output).toEqual(['Boom', 7]);
  });

  test('takes a failed evaluation', async () => {
    const definition = caught([{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'Told' }], { Arguments: '{% $nothing %}' });
    const execution = await run(definition);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: { Error: 'States.QueryEvaluationError' } });
  });

  test('a failure of the catcher itself is not caught', async () => {
    const { tasks } = failing(new VirtualClock(0), 'Boom');
    const execution = await run(caught([{ ErrorEquals: ['States.ALL'], Next: 'Told', Output: '{% $nothing %}' }]), { tasks });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
    expect(execution.cause).toContain("specified for the field 'Catch[0]/Output' returned nothing");
  });
});

describe('ErrorEquals', () => {
  test.each([
    ['Boom', 'Boom', true],
    ['Boom', 'Boo', false],
    ['States.ALL', 'Boom', true],
    ['States.ALL', undefined, true],
    ['States.ALL', 'States.Timeout', true],
    ['States.ALL', 'States.QueryEvaluationError', true],
    ['States.ALL', 'States.DataLimitExceeded', false],
    ['States.ALL', 'States.Runtime', false],
    ['States.TaskFailed', 'Boom', true],
    ['States.TaskFailed', 'States.TaskFailed', true],
    ['States.TaskFailed', 'States.Timeout', false],
    ['States.TaskFailed', 'States.DataLimitExceeded', false],
    ['States.TaskFailed', 'States.Runtime', false],
    ['States.Timeout', 'States.Timeout', true],
    ['States.DataLimitExceeded', 'States.DataLimitExceeded', true],
    ['States.Runtime', 'States.Runtime', false],
  ])('%s against %s: %s', (name, error, expected) => {
    expect(matches([name], new StateFailure(error))).toBe(expected);
  });
});
