import { type Execution, type TaskHandler, VirtualClock } from '../../lib/engine';
import { failing, machine, pass, program, run, task, types } from './support';

type Fields = Record<string, unknown>;

const fail = (error: string): Fields => ({ Type: 'Fail', Error: error });
const map = (states: Record<string, Fields>, fields: Fields): Fields => ({ Type: 'Map', ItemProcessor: program(states), End: true, ...fields });
const parallel = (fields: Fields, ...branches: Record<string, Fields>[]): Fields => ({
  Type: 'Parallel',
  Branches: branches.map(program),
  ...('Next' in fields ? {} : { End: true }),
  ...fields,
});
const seconds = ({ startDate, stopDate }: Execution) => (stopDate - startDate) / 1000;
const retrying = (MaxAttempts: number) => [{ ErrorEquals: ['Busy'], IntervalSeconds: 1, MaxAttempts }];

describe('a task in a Map in a Parallel', () => {
  const nested = (Retry: object[], fields: Fields = {}) =>
    machine({ Both: parallel(fields, { Each: map({ Do: task({ Retry }) }, { Items: [7] }) }), Told: pass() });

  test('is tried again inside, and nobody around it notices', async () => {
    const clock = new VirtualClock(0);
    const { tasks } = failing(clock, 'Busy');
    const execution = await run(nested(retrying(2)), { clock, tasks });
    expect(execution.output).toEqual([['done']]);
    expect(seconds(execution)).toBe(1);
    expect(types(execution)).toEqual([
      'ExecutionStarted',
      ...['ParallelStateEntered', 'ParallelStateStarted'],
      ...['MapStateEntered', 'MapStateStarted', 'MapIterationStarted'],
      ...['TaskStateEntered', 'TaskScheduled', 'TaskStarted', 'TaskFailed', 'TaskScheduled', 'TaskStarted', 'TaskSucceeded', 'TaskStateExited'],
      ...['MapIterationSucceeded', 'MapStateSucceeded', 'MapStateExited'],
      ...['ParallelStateSucceeded', 'ParallelStateExited'],
      'ExecutionSucceeded',
    ]);
  });

  test('fails from the inside out, and is caught outside with the error and a variable of the scope outside', async () => {
    const clock = new VirtualClock(0);
    const { tasks } = failing(clock, 'Busy', 'Busy');
    const catcher = {
      ErrorEquals: ['Busy'],
      Next: 'Told',
      Assign: { caught: '{% $states.errorOutput.Error %}' },
      Output: { cause: '{% $states.errorOutput.Cause %}', before: '{% $exists($caught) %}' },
    };
    const execution = await run(nested(retrying(1), { Catch: [catcher] }), { clock, tasks });
    expect(execution.output).toEqual({ cause: 'failure 2', before: false });
    const [exit] = execution.history.filter(({ type }) => type === 'ParallelStateExited');
    expect(exit).toMatchObject({ stateExitedEventDetails: { assignedVariables: { caught: '"Busy"' } } });
    expect(types(execution).slice(-9)).toEqual([
      'TaskFailed',
      ...['MapIterationFailed', 'TaskStateAborted', 'MapStateFailed', 'ParallelStateFailed', 'ParallelStateExited'],
      ...['PassStateEntered', 'PassStateExited', 'ExecutionSucceeded'],
    ]);
  });

  test('that hangs is ended by the time of the machine, and its siblings with it', async () => {
    const clock = new VirtualClock(0);
    const hang: TaskHandler = ({ signal }) => clock.sleep(Infinity, signal);
    const waits = machine({ Both: parallel({}, { Do: task() }, { Idle: { Type: 'Wait', Seconds: 60, End: true } }) }, { TimeoutSeconds: 9 });
    const execution = await run(waits, { clock, tasks: hang });
    expect([execution.status, execution.error, seconds(execution), types(execution).at(-1)]).toEqual([
      'TIMED_OUT',
      undefined,
      9,
      'ExecutionTimedOut',
    ]);
  });
});

describe('a Map in a Map', () => {
  const inner = (more: Fields) =>
    map(
      { Is: { Type: 'Choice', Choices: [{ Condition: '{% $states.input < 0 %}', Next: 'No' }], Default: 'Yes' }, No: fail('Negative'), Yes: pass() },
      more,
    );
  const outer = (more: Fields, inside: Fields = {}) =>
    machine({
      Rows: map(
        { Cells: inner({ Items: '{% $states.input %}', ...inside }) },
        {
          Items: [
            [1, 2],
            [3, -4],
          ],
          ...more,
        },
      ),
    });

  test('hands its items on, and what its own tolerance takes is no failure of the one around it', async () => {
    const execution = await run(outer({}, { ToleratedFailureCount: 1 }));
    expect([execution.status, execution.output]).toEqual(['SUCCEEDED', [[1, 2], [3]]]);
  });

  test('fails the one around it with its own error, not with that of its item', async () => {
    expect(await run(outer({}, { ToleratedFailureCount: 0 }))).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
    expect(await run(outer({}))).toMatchObject({ status: 'FAILED', error: 'Negative' });
  });

  test('may fail for as many rows as are tolerated around it', async () => {
    expect((await run(outer({ ToleratedFailurePercentage: 50 }))).output).toEqual([[1, 2]]);
    expect(await run(outer({ ToleratedFailurePercentage: 49 }))).toMatchObject({ error: 'States.ExceedToleratedFailureThreshold' });
  });

  test('is tried again as a whole by its own Retry, with all it told', async () => {
    const once = machine({
      Rows: map({ No: fail('Negative') }, { Items: [1], Retry: [{ ErrorEquals: ['Negative'], MaxAttempts: 1, IntervalSeconds: 3 }] }),
    });
    const execution = await run(once);
    expect(seconds(execution)).toBe(3);
    expect(types(execution)).toEqual([
      ...['ExecutionStarted', 'MapStateEntered'],
      ...['MapStateStarted', 'MapIterationStarted', 'FailStateEntered', 'MapIterationFailed'],
      ...['MapStateStarted', 'MapIterationStarted', 'FailStateEntered', 'MapIterationFailed'],
      ...['MapStateFailed', 'ExecutionFailed'],
    ]);
  });
});

describe('a Choice', () => {
  const which = (input: unknown) =>
    run(
      machine({
        Which: {
          Type: 'Choice',
          Choices: [
            {
              Condition: '{% $states.input.n > 10 %}',
              Next: 'Show',
              Assign: { size: 'large' },
              Output: { by: 'rule', sees: '{% $exists($size) %}' },
            },
            { Condition: '{% $states.input.n > 5 %}', Next: 'Show' },
          ],
          Default: 'Show',
          Assign: { size: 'small' },
          Output: { by: 'default' },
        },
        Show: pass({ Output: '{% {"in": $states.input, "size": $exists($size) ? $size : "none"} %}' }),
      }),
      { input },
    );

  test.each([
    [11, { in: { by: 'rule', sees: false }, size: 'large' }],
    [6, { in: { n: 6 }, size: 'none' }],
    [1, { in: { by: 'default' }, size: 'small' }],
  ])('of %p takes Assign and Output of the way it goes, and of no other', async (n, output) => {
    expect((await which({ n })).output).toEqual(output);
  });
});

test('a Fail in a branch of a Parallel ends the others, and its computed Error is what the run fails with', async () => {
  const execution = await run(
    machine({
      Both: parallel(
        {},
        { No: { Type: 'Fail', Error: '{% "Row" & $states.input.n %}', Cause: '{% $string($states.input) %}' } },
        { Idle: { Type: 'Wait', Seconds: 5, End: true } },
      ),
    }),
    { input: { n: 3 } },
  );
  expect(execution).toMatchObject({ status: 'FAILED', error: 'Row3', cause: '{"n":3}' });
  expect(types(execution).slice(-3)).toEqual(['WaitStateAborted', 'ParallelStateFailed', 'ExecutionFailed']);
});

test('an evaluation that fails inside a branch is told once, there, and fails the Parallel by its name', async () => {
  const execution = await run(
    machine({
      Both: parallel({ Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'Told' }] }, { Bad: pass({ Output: '{% $none %}' }) }),
      Told: pass(),
    }),
  );
  expect(execution.status).toBe('SUCCEEDED');
  expect(types(execution).filter((type) => type === 'EvaluationFailed')).toHaveLength(1);
});
