import { TaskError, type TaskHandler, VirtualClock } from '../../lib/engine';
import { failing, machine, pass, program, run, task, types } from './support';

const wait = (Seconds: number, fields: Record<string, unknown> = {}) => ({
  Type: 'Wait',
  Seconds,
  ...('Next' in fields ? {} : { End: true }),
  ...fields,
});

/** A Parallel with these branches, each a list of states in `program` form. */
function parallel(branches: Record<string, Record<string, unknown>>[], fields: Record<string, unknown> = {}) {
  return { Type: 'Parallel', Branches: branches.map(program), ...('Next' in fields ? {} : { End: true }), ...fields };
}

describe('a Parallel', () => {
  test('runs its branches at the same time and collects their outputs in order', async () => {
    const execution = await run(machine({ Both: parallel([{ A: wait(30, { Output: 'a' }) }, { B: wait(10, { Output: 'b' }) }]) }));
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: ['a', 'b'], stopDate: 30_000, transitions: 3 });
  });

  test('gives every branch its Arguments, or else its input', async () => {
    const branches: Record<string, Record<string, unknown>>[] = [{ A: pass() }, { B: pass() }];
    expect((await run(machine({ Both: parallel(branches) }), { input: 1 })).output).toEqual([1, 1]);
    const Arguments = { n: '{% $states.input + 1 %}' };
    expect((await run(machine({ Both: parallel(branches, { Arguments }) }), { input: 1 })).output).toEqual([{ n: 2 }, { n: 2 }]);
  });

  test('evaluates its Arguments anew on each of its tries, and not for the tries of a task inside', async () => {
    const seen: unknown[] = [];
    const tasks: TaskHandler = async ({ arguments: args }) => {
      seen.push(args);
      if (seen.length < 3) throw new TaskError(seen.length === 1 ? 'Lost' : 'Boom');
      return null;
    };
    const retry = (error: string) => ({ Retry: [{ ErrorEquals: [error], IntervalSeconds: 1 }] });
    const Arguments = { token: '{% $uuid() %}', at: '{% $millis() %}', attempt: '{% $states.context.State.RetryCount %}' };
    const branch = { A: task({ Arguments: '{% $states.input %}', ...retry('Lost') }) };
    expect((await run(machine({ Again: parallel([branch], { Arguments, ...retry('Boom') }) }), { tasks })).status).toBe('SUCCEEDED');
    const first = { token: expect.any(String), at: 0, attempt: 0 };
    expect(seen).toEqual([first, seen[0], { token: expect.any(String), at: 2000, attempt: 1 }]);
    expect((seen[2] as { token: string }).token).not.toBe((seen[0] as { token: string }).token);
  });

  test('a failure stops the siblings, whose handlers are told, and goes on under its own name', async () => {
    const clock = new VirtualClock(0);
    let told = -1;
    const tasks: TaskHandler = async ({ state, signal }) => {
      if (state === 'Bad') {
        await clock.sleep(5_000, signal);
        throw new TaskError('Boom', 'why');
      }
      signal.addEventListener('abort', () => {
        told = clock.now();
      });
      return clock.sleep(60_000, signal);
    };
    const definition = machine({ Both: parallel([{ Slow: task({ Next: 'After' }), After: pass() }, { Bad: task() }, { Idle: wait(600) }]) });
    const execution = await run(definition, { clock, tasks });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Boom', cause: 'why', stopDate: 5_000 });
    expect(told).toBe(5_000);
    // The one to blame first, then the others in their order.
    expect(types(execution).slice(-6)).toEqual([
      'TaskFailed',
      'TaskStateAborted',
      'TaskStateAborted',
      'WaitStateAborted',
      'ParallelStateFailed',
      'ExecutionFailed',
    ]);
    expect(types(execution)).not.toContain('PassStateEntered');
  });

  test('a handler that does not listen to its signal does not hold up the failure', async () => {
    const clock = new VirtualClock(0);
    const tasks: TaskHandler = ({ state }) => (state === 'Bad' ? Promise.reject(new TaskError('Boom')) : new Promise(() => {}));
    const execution = await run(machine({ Both: parallel([{ Deaf: task() }, { Bad: task() }]) }), { clock, tasks });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Boom' });
  });

  test('of two failures at once the first is the failure', async () => {
    const tasks: TaskHandler = async ({ state }) => {
      throw new TaskError(state);
    };
    const execution = await run(machine({ Both: parallel([{ A: task() }, { B: task() }]) }), { tasks });
    expect(execution.error).toBe('A');
    const first = execution.history.find(({ type }) => type === 'TaskFailed')!;
    const failed = execution.history.filter(({ type }) => type === 'ParallelStateFailed');
    expect(failed).toEqual([expect.objectContaining({ previousEventId: first.id })]);
  });

  test('is retried as a whole', async () => {
    const clock = new VirtualClock(0);
    const { tasks, times } = failing(clock, 'Boom');
    const Retry = [{ ErrorEquals: ['Boom'], IntervalSeconds: 7, MaxAttempts: 1 }];
    const execution = await run(machine({ Both: parallel([{ A: task() }, { B: pass({ Output: 'b' }) }], { Retry }) }), { clock, tasks });
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: ['done', 'b'] });
    expect(times).toEqual([0, 7000]);
    expect(types(execution).filter((type) => type.startsWith('ParallelState'))).toEqual([
      'ParallelStateEntered',
      'ParallelStateStarted',
      'ParallelStateStarted',
      'ParallelStateSucceeded',
      'ParallelStateExited',
    ]);
  });

  test('multiplies the tries of its tasks when both retry', async () => {
    const clock = new VirtualClock(0);
    const { tasks, times } = failing(clock, ...Array<string>(20).fill('Boom'));
    const Retry = [{ ErrorEquals: ['States.ALL'], MaxAttempts: 2 }];
    const execution = await run(machine({ Both: parallel([{ A: task({ Retry }) }], { Retry }) }), { clock, tasks });
    expect(execution.status).toBe('FAILED');
    expect(times).toHaveLength(9);
  });

  test('catches what its branches raise, and the Fail states in them', async () => {
    const definition = machine({
      Both: parallel([{ Stop: { Type: 'Fail', Error: 'Redshift.StatementFailed', Cause: 'bad sql' } }], {
        Catch: [{ ErrorEquals: ['Redshift.StatementFailed'], Next: 'Told' }],
      }),
      Told: pass(),
    });
    const execution = await run(definition);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: { Error: 'Redshift.StatementFailed', Cause: 'bad sql' } });
    expect(types(execution)).toEqual([
      'ExecutionStarted',
      'ParallelStateEntered',
      'ParallelStateStarted',
      'FailStateEntered',
      'ParallelStateFailed',
      'ParallelStateExited',
      'PassStateEntered',
      'PassStateExited',
      'ExecutionSucceeded',
    ]);
  });

  test('that failed is not closed a second time by the one around it', async () => {
    const inner = parallel([{ Bad: { Type: 'Fail', Error: 'Boom' } }]);
    const execution = await run(machine({ Outer: parallel([{ Inner: inner }]) }));
    expect(types(execution).slice(-3)).toEqual(['ParallelStateFailed', 'ParallelStateFailed', 'ExecutionFailed']);
  });

  test('closes what is open inside it from the outside in', async () => {
    const inner = parallel([{ Idle: wait(60) }]);
    const definition = machine({ Outer: parallel([{ Inner: inner }, { Bad: { Type: 'Fail', Error: 'Boom' } }]) });
    expect(types(await run(definition)).slice(-4)).toEqual(['ParallelStateAborted', 'WaitStateAborted', 'ParallelStateFailed', 'ExecutionFailed']);
  });
});

describe('variables', () => {
  test('inner states read outer variables, and what they assign ends with their branch', async () => {
    const definition = machine({
      Set: pass({ Assign: { outer: 1 }, Next: 'Both' }),
      Both: parallel([{ A: pass({ Assign: { inner: '{% $outer + 1 %}' }, Next: 'A2' }), A2: pass({ Output: '{% $inner %}' }) }], { Next: 'Show' }),
      Show: pass({ Output: { leaked: '{% $exists($inner) %}', inside: '{% $states.input[0] %}' } }),
    });
    expect((await run(definition)).output).toEqual({ leaked: false, inside: 2 });
  });

  test('branches do not see the variables of each other', async () => {
    const branch = (name: string) => ({
      [name]: pass({ Assign: { mine: name }, Next: `${name}2` }),
      [`${name}2`]: wait(1, { Next: `${name}3` }),
      [`${name}3`]: pass({ Output: '{% $mine %}' }),
    });
    expect((await run(machine({ Both: parallel([branch('A'), branch('B')]) }))).output).toEqual(['A', 'B']);
  });

  test('an inner state may not assign a variable that an outer scope has', async () => {
    const definition = machine({
      Set: pass({ Assign: { outer: 1 }, Next: 'Both' }),
      Both: parallel([{ A: pass({ Assign: { outer: 2 } }) }], { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Set' }] }),
    });
    const execution = await run(definition);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(execution.cause).toContain("'A' assigns 'outer'");
  });

  test('Assign and Output see the variables as they were on entry', async () => {
    const definition = machine({
      Set: pass({ Assign: { a: 1, b: 2 }, Next: 'Swap' }),
      Swap: pass({ Assign: { a: '{% $b %}', b: '{% $a %}' }, Output: '{% [$a, $b] %}', Next: 'Show' }),
      Show: pass({ Output: { before: '{% $states.input %}', after: '{% [$a, $b] %}' } }),
    });
    expect((await run(definition)).output).toEqual({ before: [1, 2], after: [2, 1] });
  });

  test('a failed Output assigns nothing', async () => {
    const definition = machine({
      Set: pass({ Assign: { a: 1 }, Next: 'Load' }),
      Load: task({ Assign: { a: 2 }, Output: '{% $nothing %}', Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Show' }] }),
      Show: pass({ Output: '{% $a %}' }),
    });
    expect((await run(definition)).output).toBe(1);
  });
});
