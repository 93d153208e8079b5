import { getEventListeners } from 'node:events';
import { type HistoryEvent, RealClock, Stopped, VirtualClock } from '../../lib/engine';
import { LAMBDA, machine, pass, program, run, task, types } from './support';

const idle = (Seconds: number) => ({ Type: 'Wait', Seconds, End: true });

describe('an execution', () => {
  test('tells its times, transitions and history', async () => {
    const seen: HistoryEvent[] = [];
    const execution = await run(machine({ A: { ...idle(5), End: undefined, Next: 'B' }, B: pass() }), {
      clock: new VirtualClock(1000),
      onEvent: (event) => seen.push(event),
    });
    expect(execution).toMatchObject({ status: 'SUCCEEDED', startDate: 1000, stopDate: 6000, transitions: 2 });
    expect(seen).toEqual(execution.history);
    expect(execution.history.map(({ id, previousEventId, timestamp }) => [id, previousEventId, timestamp])).toEqual([
      [1, 0, 1000],
      [2, 0, 1000],
      [3, 2, 6000],
      [4, 3, 6000],
      [5, 4, 6000],
      [6, 5, 6000],
    ]);
  });

  test('has the context object of the service', async () => {
    const definition = machine({ Load: task({ Arguments: '{% $states.context %}' }) });
    let context: unknown;
    const execution = await run(definition, {
      input: { n: 1 },
      region: 'eu-west-1',
      account: '111122223333',
      tasks: async (request) => {
        context = request.context;
        return request.arguments;
      },
    });
    expect(context).toEqual({
      Execution: {
        Id: 'arn:aws:states:eu-west-1:111122223333:execution:orders:run-1',
        Input: { n: 1 },
        Name: 'run-1',
        RoleArn: 'arn:aws:iam::111122223333:role/orders',
        StartTime: '1970-01-01T00:00:00.000Z',
        RedriveCount: 0,
      },
      State: { EnteredTime: '1970-01-01T00:00:00.000Z', Name: 'Load', RetryCount: 0 },
      StateMachine: { Id: 'arn:aws:states:eu-west-1:111122223333:stateMachine:orders', Name: 'orders' },
    });
    expect(execution.output).toEqual(context);
  });

  test('runs in the role it is given', async () => {
    const roleArn = 'arn:aws:iam::111122223333:role/loader';
    const { output, history } = await run(machine({ A: pass({ Output: '{% $states.context.Execution.RoleArn %}' }) }), { roleArn });
    expect([output, history[0]]).toEqual([roleArn, expect.objectContaining({ executionStartedEventDetails: expect.objectContaining({ roleArn }) })]);
  });

  test('tells in its first and last event what it began with and how it ended', async () => {
    const { history } = await run(machine({ A: pass() }), { input: 1 });
    const details = { truncated: false };
    expect(history[0]).toEqual({
      ...{ id: 1, previousEventId: 0, timestamp: 0, type: 'ExecutionStarted' },
      executionStartedEventDetails: { input: '1', inputDetails: details, roleArn: expect.any(String) },
    });
    expect(history.at(-2)!.stateExitedEventDetails).toStrictEqual({ name: 'A', output: '1', outputDetails: details });
    expect(history.at(-1)).toMatchObject({ type: 'ExecutionSucceeded', executionSucceededEventDetails: { output: '1', outputDetails: details } });
    const failed = await run(machine({ A: { Type: 'Fail', Error: 'Bad', Cause: 'why' } }));
    expect(failed.history.at(-1)).toMatchObject({ type: 'ExecutionFailed', executionFailedEventDetails: { error: 'Bad', cause: 'why' } });
    const none = await run(machine({ A: { Type: 'Choice', Choices: [{ Condition: false, Next: 'A' }] } }));
    const cause = expect.stringContaining("No choice rule of the state 'A' matched and it has no Default.");
    expect(none.history.at(-1)).toMatchObject({ executionFailedEventDetails: { error: 'States.NoChoiceMatched', cause } });
  });

  test('has {} as input when none is given', async () => {
    expect((await run(machine({ A: pass() }))).output).toEqual({});
  });

  test('takes its input as JSON', async () => {
    expect((await run(machine({ A: pass() }), { input: { at: new Date(0) } })).output).toEqual({ at: '1970-01-01T00:00:00.000Z' });
  });

  test('runs on the real clock by default', async () => {
    const started = Date.now();
    const execution = await run(machine({ A: { Type: 'Wait', Seconds: 1, End: true } }), { clock: undefined });
    expect(execution.startDate).toBeGreaterThanOrEqual(started);
    expect(execution.stopDate - execution.startDate).toBeGreaterThanOrEqual(1000);
  });

  test('whose observer throws is rejected, and its tasks are told', async () => {
    const clock = new VirtualClock(0);
    let told = false;
    const Branches = [program({ A: { ...idle(5), End: undefined, Next: 'C' }, C: pass() }), program({ B: task() })];
    const execution = run(machine({ Both: { Type: 'Parallel', Branches, End: true } }), {
      clock,
      onEvent: ({ type }) => {
        if (type === 'PassStateEntered') throw new Error('no more');
      },
      tasks: ({ signal }) => {
        signal.addEventListener('abort', () => {
          told = true;
        });
        return clock.sleep(1e9, signal);
      },
    });
    await expect(execution).rejects.toThrow('no more');
    expect(told).toBe(true);
  });

  test('is the same every time for the same clock and draws', async () => {
    const Retry = [{ ErrorEquals: ['States.ALL'], MaxAttempts: 2, JitterStrategy: 'FULL' }];
    const branches = ['A', 'B'].map((name) => program({ [name]: task({ Retry }) }));
    const definition = machine({ Both: { Type: 'Parallel', End: true, Branches: branches } });
    const once = () => {
      let draw = 0;
      const random = () => {
        draw = (draw * 16807 + 11) % 2147483647;
        return draw / 2147483647;
      };
      let calls = 0;
      const tasks = async () => {
        calls += 1;
        if (calls < 4) throw new RangeError(String(calls));
        return calls;
      };
      return run(definition, { random, tasks });
    };
    expect(await once()).toEqual(await once());
  });
});

describe("the machine's TimeoutSeconds", () => {
  test('ends it as TIMED_OUT, which nothing catches, and stops its tasks', async () => {
    const clock = new VirtualClock(0);
    let told = false;
    const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'Told' }];
    const Retry = [{ ErrorEquals: ['States.ALL'] }];
    const definition = machine({ Load: task({ Retry, Catch }), Told: pass() }, { TimeoutSeconds: 90 });
    const execution = await run(definition, {
      clock,
      tasks: ({ signal }) => {
        signal.addEventListener('abort', () => {
          told = true;
        });
        return clock.sleep(1e9, signal);
      },
    });
    expect(execution).toMatchObject({ status: 'TIMED_OUT', stopDate: 90_000 });
    expect('error' in execution).toBe(false);
    expect(types(execution).at(-1)).toBe('ExecutionTimedOut');
    expect(types(execution)).not.toContain('TaskTimedOut');
    expect(told).toBe(true);
  });

  test('ends a task whose handler does not listen', async () => {
    const clock = new VirtualClock(0);
    const execution = await run(machine({ Load: task() }, { TimeoutSeconds: 90 }), { clock, tasks: () => clock.sleep(Number.POSITIVE_INFINITY) });
    expect(execution).toMatchObject({ status: 'TIMED_OUT', stopDate: 90_000 });
  });

  test('ends a retry that waits', async () => {
    const definition = machine({ Load: task({ Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 100 }] }) }, { TimeoutSeconds: 90 });
    const execution = await run(definition, { tasks: () => Promise.reject(new Error('no')) });
    expect(execution).toMatchObject({ status: 'TIMED_OUT', stopDate: 90_000, transitions: 1 });
  });

  test('is a year when nothing is said', async () => {
    const execution = await run(machine({ A: idle(99_999_999) }));
    expect(execution).toMatchObject({ status: 'TIMED_OUT', stopDate: 365 * 24 * 3600 * 1000 });
  });

  test('leaves no timer behind that would keep the process alive, nor does that of a task', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    // A test runner may set a timer of its own once the test has returned its promise.
    await new Promise(setImmediate);
    const before = timers();
    const execution = await run(machine({ Load: task({ TimeoutSeconds: 3600 }) }, { TimeoutSeconds: 7200 }), { clock: new RealClock() });
    expect(execution.status).toBe('SUCCEEDED');
    // Aborted timers are cleared in the turn that ends the execution.
    expect(timers()).toBe(before);
  });
});

describe('abort', () => {
  test('leaves nothing behind on the signal of an execution that ends by itself', async () => {
    const { signal } = new AbortController();
    await run(machine({ A: pass() }), { abort: signal });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('ends the execution as ABORTED, in the middle of a wait, past every Catch', async () => {
    const controller = new AbortController();
    const clock = new VirtualClock(0);
    const Branches = [program({ A: idle(600) }), program({ B: task() })];
    const definition = machine({
      Both: { Type: 'Parallel', Branches, End: true, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Told' }] },
      Told: pass(),
    });
    const execution = await run(definition, {
      clock,
      abort: controller.signal,
      tasks: async ({ signal }) => {
        await clock.sleep(20_000, signal);
        controller.abort();
        await clock.sleep(1e9, signal);
      },
    });
    expect(execution).toMatchObject({ status: 'ABORTED', stopDate: 20_000 });
    expect(types(execution).at(-1)).toBe('ExecutionAborted');
    expect(types(execution)).not.toContain('PassStateEntered');
  });

  test('a failure that comes too late is not told any more', async () => {
    const controller = new AbortController();
    const Branches = [program({ A: { Type: 'Fail', Error: '{% $string($sum([1..50].($ * $))) %}' } }), program({ B: task() })];
    const execution = await run(machine({ Both: { Type: 'Parallel', Branches, End: true } }), {
      abort: controller.signal,
      tasks: async () => controller.abort(),
    });
    expect(execution.status).toBe('ABORTED');
    expect(types(execution).slice(-2)).toEqual(['TaskStarted', 'ExecutionAborted']);
  });

  test('tells who stopped it and why, after no event of its own', async () => {
    const abort = AbortSignal.abort(new Stopped('ABORTED', 'Maintenance', 'the warehouse is closed'));
    const execution = await run(machine({ Load: task() }), { abort });
    expect(execution).toMatchObject({ status: 'ABORTED', error: 'Maintenance', cause: 'the warehouse is closed' });
    expect(execution.history.at(-1)).toMatchObject({
      type: 'ExecutionAborted',
      previousEventId: 0,
      executionAbortedEventDetails: { error: 'Maintenance', cause: 'the warehouse is closed' },
    });
  });

  test('an execution that is stopped before it starts enters no state', async () => {
    const tasks = jest.fn();
    const execution = await run(machine({ Load: task() }), { tasks, abort: AbortSignal.abort() });
    expect(execution).toMatchObject({ status: 'ABORTED', transitions: 0 });
    expect(tasks).not.toHaveBeenCalled();
  });
});

describe('limits', () => {
  const LIMIT = 262_144;
  /** A string that takes so many bytes as JSON. */
  const bytes = (count: number) => 'x'.repeat(count - 2);
  const catching = (ErrorEquals: string[], more = {}) =>
    machine({ Load: task({ Catch: [{ ErrorEquals, Next: 'Told' }], ...more }), Told: pass({ Output: 'told' }) });

  test('a task result may have 256 KiB, and not a byte more', async () => {
    expect((await run(machine({ Load: task() }), { tasks: async () => bytes(LIMIT) })).status).toBe('SUCCEEDED');
    const execution = await run(machine({ Load: task() }), { tasks: async () => bytes(LIMIT + 1) });
    const cause = `The state/task '${LAMBDA}' returned a result with a size exceeding the maximum number of bytes service limit.`;
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded', cause });
    expect(types(execution)).toContain('TaskFailed');
  });

  test('bytes count, not characters', async () => {
    expect(await run(machine({ Load: task() }), { tasks: async () => 'ä'.repeat(LIMIT / 2) })).toMatchObject({ error: 'States.DataLimitExceeded' });
  });

  test('States.ALL does not catch it, its name does', async () => {
    const tasks = async () => bytes(LIMIT + 1);
    expect(await run(catching(['States.ALL']), { tasks })).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    expect((await run(catching(['States.DataLimitExceeded']), { tasks })).output).toBe('told');
  });

  test.each([
    ['Arguments', "The state/task 'Do' was given arguments", task({ Arguments: ['{% $states.input %}', '{% $states.input %}'] })],
    ['Output', "The state/task 'Do' returned a result", pass({ Output: ['{% $states.input %}', '{% $states.input %}'] })],
    ['Assign', "The state/task 'Do' assigned variables", pass({ Assign: { a: '{% $states.input %}', b: '{% $states.input %}' } })],
    [
      'the outputs of branches',
      "The state/task 'Do' returned a result",
      { Type: 'Parallel', End: true, Output: 1, Branches: [program({ A: pass() }), program({ B: pass() })] },
    ],
    [
      'the outputs of iterations',
      "The state/task 'Do' returned a result",
      {
        Type: 'Map',
        End: true,
        Output: 1,
        Items: ['{% $states.input %}', 1],
        ItemProcessor: program({ A: pass({ Output: '{% $states.context.Execution.Input %}' }) }),
      },
    ],
  ])('%s have the same limit', async (_what, subject, state) => {
    const execution = await run(machine({ Do: state }), { input: bytes(LIMIT / 2 + 1) });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    expect(execution.cause).toContain(`${subject} with a size exceeding the maximum number of bytes`);
  });

  test('a history has 25,000 events, and nothing catches its end', async () => {
    const Catch = [{ ErrorEquals: ['States.ALL', 'States.Runtime'], Next: 'Loop' }];
    const Branches = [program({ A: pass({ Next: 'B' }), B: pass({ Next: 'A' }) })];
    const execution = await run(machine({ Loop: { Type: 'Parallel', Branches, Catch, End: true } }));
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(execution.history).toHaveLength(25_000);
    expect(types(execution).slice(-2)).toEqual([expect.stringMatching(/^PassState/), 'ExecutionFailed']);
  });
});
