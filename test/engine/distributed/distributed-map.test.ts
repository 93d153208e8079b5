import { type ChildExecution, type Execution, TaskError, type TaskHandler, VirtualClock } from '../../../lib/engine';
import { failing, machine, pass, program, run, task, types } from '../support';
import { distributedMap, echoing, MemoryS3, reader } from './support';

type Fields = Record<string, unknown>;

/** Answers each item after a second; the items that are named fail. */
function answering(clock: VirtualClock, bad: unknown[] = []): TaskHandler {
  return async ({ arguments: item, signal }) => {
    await clock.sleep(1000, signal);
    if (bad.includes(item)) throw new TaskError('Bad', `item ${item}`);
    return item;
  };
}

function tasked(fields: Fields, bad: unknown[], input: unknown, clock = new VirtualClock(0)): Promise<Execution> {
  return run(machine({ Each: distributedMap({ Do: task() }, fields) }), { clock, tasks: answering(clock, bad), input });
}

describe('a Distributed Map', () => {
  test('runs each item in an execution of its own and collects the outputs in the order of the items', async () => {
    const clock = new VirtualClock(0);
    const tasks: TaskHandler = async ({ arguments: item, signal }) => {
      await clock.sleep(10_000 - (item as number), signal);
      return (item as number) * 2;
    };
    const execution = await run(machine({ Each: distributedMap({ Do: task() }) }), { clock, tasks, input: [1, 2, 3] });
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: [2, 4, 6], stopDate: 9_999 });
  });

  test('tells of its Map Run, and nothing of what goes on inside of it', async () => {
    const execution = await run(machine({ Each: distributedMap({ Do: pass() }) }), { input: [1, 2] });
    expect(types(execution)).toEqual([
      'ExecutionStarted',
      'MapStateEntered',
      'MapStateStarted',
      'MapRunStarted',
      'MapRunSucceeded',
      'MapStateSucceeded',
      'MapStateExited',
      'ExecutionSucceeded',
    ]);
    const [, , started, runStarted, runEnded, , exited] = execution.history;
    expect(started!.mapStateStartedEventDetails).toEqual({ length: 2 });
    const { mapRunArn } = runStarted!.mapRunStartedEventDetails as { mapRunArn: string };
    expect(mapRunArn).toMatch(/^arn:aws:states:us-east-1:123456789012:mapRun:orders\/items:[0-9a-f-]{36}$/);
    expect(exited!.previousEventId).toBe(runEnded!.id);
  });

  test('does not know how many items it reads before it has read them', async () => {
    const s3 = new MemoryS3({ 'in/data': '[1,2]' });
    const execution = await run(echoing({ ItemReader: reader({ InputType: 'JSON' }) }), { s3 });
    expect(execution.history[2]!.mapStateStartedEventDetails).toEqual({ length: 0 });
  });

  test('can have no items', async () => {
    expect(await run(echoing({ ToleratedFailurePercentage: 0 }), { input: [] })).toMatchObject({ status: 'SUCCEEDED', output: [] });
  });

  test('ItemSelector makes each input of index, item, source and input', async () => {
    const ItemSelector = { item: '{% $states.context.Map.Item %}', from: '{% $states.input.bucket %}' };
    const s3 = new MemoryS3({ 'in/data': '["x"]' });
    const read = await run(echoing({ ItemReader: reader({ InputType: 'JSON' }), ItemSelector }), { s3, input: { bucket: 'b' } });
    expect(read.output).toEqual([{ item: { Index: 0, Value: 'x', Source: 'S3://in/data' }, from: 'b' }]);
    const given = await run(echoing({ Items: ['x'], ItemSelector }), { input: { bucket: 'b' } });
    expect(given.output).toEqual([{ item: { Index: 0, Value: 'x', Source: 'STATE_DATA' }, from: 'b' }]);
  });

  test('an ItemSelector that fails is a failure of the Map', async () => {
    const execution = await run(echoing({ ItemSelector: '{% $nothing %}' }), { input: [1] });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
    expect(types(execution).slice(-4)).toEqual(['EvaluationFailed', 'MapRunFailed', 'MapStateFailed', 'ExecutionFailed']);
  });

  test.each([
    [1, 5],
    ['{% 1 + 1 %}', 3],
    [0, 1],
    [undefined, 1],
  ])('MaxConcurrency %p takes %p seconds for five items of a second', async (MaxConcurrency, seconds) => {
    const execution = await tasked(MaxConcurrency === undefined ? {} : { MaxConcurrency }, [], [1, 2, 3, 4, 5]);
    expect(execution.stopDate).toBe(seconds * 1000);
  });

  test('is not bound to the 40 at once of an inline Map', async () => {
    const items = Array.from({ length: 100 }, (_, index) => index);
    expect(await tasked({}, [], items)).toMatchObject({ stopDate: 1000, output: items });
  });

  test('a stopped Map starts no further child', async () => {
    const clock = new VirtualClock(0);
    const seen: unknown[] = [];
    const fail = answering(clock, [2]);
    const tasks: TaskHandler = (request) => {
      seen.push(request.arguments);
      return fail(request);
    };
    await run(machine({ Each: distributedMap({ Do: task() }, { MaxConcurrency: 1 }) }), { clock, tasks, input: [1, 2, 3] });
    expect(seen).toEqual([1, 2]);
  });

  test('a Map Run that is aborted with its branch says so', async () => {
    const clock = new VirtualClock(0);
    const Branches = [
      program({ Each: distributedMap({ Do: task() }) }),
      program({ Wait: { Type: 'Wait', Seconds: 1, Next: 'No' }, No: { Type: 'Fail' } }),
    ];
    const tasks: TaskHandler = ({ signal }) => clock.sleep(1e6, signal);
    const children: ChildExecution[] = [];
    const onChild = (child: ChildExecution) => children.push(child);
    const execution = await run(machine({ Both: { Type: 'Parallel', Branches, End: true } }), { clock, tasks, onChild, input: [1] });
    expect(execution).toMatchObject({ status: 'FAILED', stopDate: 1000 });
    const closing = types(execution).slice(types(execution).indexOf('FailStateEntered') + 1);
    expect(closing).toEqual(['MapRunAborted', 'MapStateAborted', 'ParallelStateFailed', 'ExecutionFailed']);
    await new Promise(setImmediate);
    expect(children.map(({ status }) => status)).toEqual(['ABORTED']);
  });

  test('children of a machine that runs out of time are aborted', async () => {
    const clock = new VirtualClock(0);
    const children: ChildExecution[] = [];
    const onChild = (child: ChildExecution) => children.push(child);
    const tasks: TaskHandler = ({ signal }) => clock.sleep(1e6, signal);
    const definition = machine({ Each: distributedMap({ Do: task() }) }, { TimeoutSeconds: 5 });
    expect(await run(definition, { clock, tasks, onChild, input: [1] })).toMatchObject({ status: 'TIMED_OUT', stopDate: 5000 });
    expect(children).toMatchObject([{ status: 'ABORTED', stopDate: 5000 }]);
  });

  test('each attempt is a new Map Run', async () => {
    const clock = new VirtualClock(0);
    const { tasks } = failing(clock, 'Boom');
    const Retry = [{ ErrorEquals: ['States.ExceedToleratedFailureThreshold'], IntervalSeconds: 5, MaxAttempts: 1 }];
    const execution = await run(machine({ Each: distributedMap({ Do: task() }, { Retry }) }), { clock, tasks, input: [1] });
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: ['done'], stopDate: 5000 });
    const arns = execution.history.flatMap((event) => (event.mapRunStartedEventDetails as { mapRunArn: string } | undefined)?.mapRunArn ?? []);
    expect(new Set(arns).size).toBe(2);
  });

  test('more results than a state can hold fail it', async () => {
    // [" and ", twice and , between: the results have seven characters more than their texts.
    const Output = '{% $pad("", $states.input, "x") %}';
    const definition = machine({ Each: distributedMap({ Do: pass({ Output }) }, { Output: 'fine' }) });
    expect(await run(definition, { input: [131_068, 131_069] })).toMatchObject({ output: 'fine' });
    expect(await run(definition, { input: [131_068, 131_070] })).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });
});

describe('a child execution', () => {
  const run1 = async (states: Record<string, Fields>, fields: Fields = {}, type = 'STANDARD', tasks?: TaskHandler, clock = new VirtualClock(0)) => {
    const children: ChildExecution[] = [];
    const definition = machine({
      Before: pass({ Assign: { secret: 1 }, Next: 'Each' }),
      Each: distributedMap(states, { Next: 'After', ...fields }, type),
      After: pass({ Output: '{% $exists($inner) ? "leaked" : $states.input %}' }),
    });
    const options = { clock, onChild: (child: ChildExecution) => children.push(child), input: [7], ...(tasks && { tasks }) };
    return { execution: await run(definition, options), children };
  };

  test('sees no variable of the outer scope', async () => {
    const { execution } = await run1({ Do: pass({ Output: '{% $exists($secret) %}' }) });
    expect(execution.output).toEqual([false]);
  });

  test('may assign what the outer scope has too, and nobody outside sees it', async () => {
    const { execution } = await run1({ Do: pass({ Assign: { secret: 2, inner: 3 }, Next: 'Look' }), Look: pass({ Output: '{% $secret %}' }) });
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: [2] });
  });

  test('has a context of its own', async () => {
    const { execution, children } = await run1({ Do: pass({ Output: '{% $states.context %}' }) });
    const [child] = children;
    const machineName = 'orders/items';
    expect(execution.output).toEqual([
      {
        Execution: {
          Id: `arn:aws:states:us-east-1:123456789012:execution:${machineName}:${child!.name}`,
          Input: 7,
          Name: child!.name,
          RoleArn: 'arn:aws:iam::123456789012:role/orders',
          StartTime: '1970-01-01T00:00:00.000Z',
          RedriveCount: 0,
        },
        StateMachine: { Id: `arn:aws:states:us-east-1:123456789012:stateMachine:${machineName}`, Name: machineName },
        State: { EnteredTime: '1970-01-01T00:00:00.000Z', Name: 'Do' },
      },
    ]);
  });

  test('is told of with its history to who asks', async () => {
    const { children } = await run1({ Do: pass() });
    expect(children).toMatchObject([{ status: 'SUCCEEDED', map: 'Each', index: 0, input: '7', output: 7, items: 1, startDate: 0, stopDate: 0 }]);
    expect(children[0]!.history.map(({ type }) => type)).toEqual(['ExecutionStarted', 'PassStateEntered', 'PassStateExited', 'ExecutionSucceeded']);
    expect(children[0]!.mapRunArn).toMatch(/:mapRun:orders\/items:/);
  });

  test('has room for events of its own', async () => {
    const Retry = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 0, MaxAttempts: 100_000 }];
    const tasks: TaskHandler = async () => {
      throw new TaskError('Again');
    };
    const { execution, children } = await run1({ Do: task({ Retry }) }, { ToleratedFailurePercentage: 100 }, 'STANDARD', tasks);
    expect(execution).toMatchObject({ status: 'SUCCEEDED' });
    expect(execution.history.length).toBeLessThan(20);
    expect(children).toMatchObject([{ status: 'FAILED', error: 'States.Runtime' }]);
  });

  test('is billed by transitions if it is standard, and not if it is express', async () => {
    expect((await run1({ Do: pass({ Next: 'Too' }), Too: pass() })).execution.transitions).toBe(5);
    expect((await run1({ Do: pass({ Next: 'Too' }), Too: pass() }, {}, 'EXPRESS')).execution.transitions).toBe(3);
  });

  test.each([
    ['EXPRESS', 'TIMED_OUT', 300_000],
    ['STANDARD', 'SUCCEEDED', 301_000],
  ])('of type %s that waits 301 seconds is %s', async (type, status, stopDate) => {
    const { children } = await run1({ Do: { Type: 'Wait', Seconds: 301, End: true } }, { ToleratedFailureCount: 1 }, type);
    expect(children).toMatchObject([{ status, stopDate }]);
  });

  test('may hold a Distributed Map itself', async () => {
    const inner = distributedMap({ In: pass({ Output: '{% $states.context.StateMachine.Name %}' }) }, { Items: [1], Label: 'deep' });
    expect((await run1({ Do: inner })).execution.output).toEqual([['orders/items/deep']]);
  });

  test('with too much input fails the Map', async () => {
    const ItemSelector = { big: '{% $pad("", 262150, "x") %}' };
    const { execution } = await run1({ Do: pass() }, { ItemSelector });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });
});

describe('tolerated failures', () => {
  test.each([
    [{}, [], true],
    [{}, [2], false],
    [{ ToleratedFailureCount: 1 }, [2], true],
    [{ ToleratedFailureCount: 1 }, [2, 3], false],
    [{ ToleratedFailurePercentage: 25 }, [2], true],
    [{ ToleratedFailurePercentage: 24 }, [2], false],
    [{ ToleratedFailurePercentage: 50 }, [1, 2], true],
    [{ ToleratedFailurePercentage: 49 }, [1, 2], false],
    [{ ToleratedFailureCount: '{% 1 + 1 %}' }, [2, 3], true],
    [{ ToleratedFailurePercentage: '{% 100 %}' }, [1, 2, 3, 4], true],
    [{ ToleratedFailureCount: 3, ToleratedFailurePercentage: 25 }, [2, 3], false],
    [{ ToleratedFailureCount: 1, ToleratedFailurePercentage: 100 }, [2, 3], false],
  ])('%j with %j failing succeeds: %p', async (fields, bad, succeeds) => {
    const s3 = new MemoryS3({ 'in/data': '[1,2,3,4]' });
    const clock = new VirtualClock(0);
    const definition = machine({ Each: distributedMap({ Do: task() }, { ...fields, ItemReader: reader({ InputType: 'JSON' }) }) });
    for (const execution of [await tasked(fields, bad, [1, 2, 3, 4]), await run(definition, { s3, clock, tasks: answering(clock, bad) })]) {
      if (succeeds) expect(execution.status).toBe('SUCCEEDED');
      else {
        const cause = 'The specified tolerated failure threshold was exceeded';
        expect(execution).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold', cause });
        expect(types(execution).slice(-3)).toEqual(['MapRunFailed', 'MapStateFailed', 'ExecutionFailed']);
        expect(execution.history.at(-3)!.mapRunFailedEventDetails).toEqual({ error: 'States.ExceedToleratedFailureThreshold', cause });
      }
    }
  });

  test('a percentage is judged once all items are known, also if nothing fails after that', async () => {
    const s3 = new MemoryS3({ 'in/data': '[1,2,3,4]' });
    const clock = new VirtualClock(0);
    const fields = { MaxConcurrency: 1, ToleratedFailurePercentage: 24, ItemReader: reader({ InputType: 'JSON' }) };
    const execution = await run(machine({ Each: distributedMap({ Do: task() }, fields) }), { s3, clock, tasks: answering(clock, [1]) });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold', stopDate: 3000 });
  });

  test('a child that failed stands in the result with its error', async () => {
    const execution = await tasked({ ToleratedFailureCount: 1 }, [2], [1, 2, 3]);
    const failed = {
      Status: 'FAILED',
      Error: 'Bad',
      Cause: 'item 2',
      Input: '2',
      StateMachineArn: expect.stringMatching(/:stateMachine:orders\/items$/),
    };
    expect(execution.output).toEqual([1, expect.objectContaining(failed), 3]);
  });

  test('what is under way is aborted once too many failed', async () => {
    const clock = new VirtualClock(0);
    const tasks: TaskHandler = async ({ arguments: item, signal }) => {
      await clock.sleep((item as number) * 1000, signal);
      throw new TaskError('Bad');
    };
    const children: ChildExecution[] = [];
    const onChild = (child: ChildExecution) => children.push(child);
    const execution = await run(machine({ Each: distributedMap({ Do: task() }) }), { clock, tasks, onChild, input: [1, 2, 3] });
    expect(execution.stopDate).toBe(1000);
    expect(children.map(({ status }) => status)).toEqual(['FAILED', 'ABORTED', 'ABORTED']);
  });

  test('a failed batch counts every item in it', async () => {
    const batches = (ToleratedFailureCount: number) => {
      const Each = distributedMap({ Do: { Type: 'Fail' } }, { ItemBatcher: { MaxItemsPerBatch: 2 }, ToleratedFailureCount });
      return run(machine({ Each }), { input: [1, 2] });
    };
    expect((await batches(1)).status).toBe('FAILED');
    expect((await batches(2)).status).toBe('SUCCEEDED');
  });
});
