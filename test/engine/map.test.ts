import { TaskError, type TaskHandler, VirtualClock } from '../../lib/engine';
import { failing, machine, pass, program, run, task, types } from './support';

type Fields = Record<string, unknown>;

function map(states: Record<string, Fields>, fields: Fields = {}): Fields {
  const { ProcessorConfig, ...rest } = fields;
  return {
    Type: 'Map',
    ItemProcessor: { ...program(states), ...(ProcessorConfig ? { ProcessorConfig } : {}) },
    ...('Next' in rest ? {} : { End: true }),
    ...rest,
  };
}

/** Fails the items whose numbers are given, after a second each. */
function failingItems(clock: VirtualClock, numbers: number[]): TaskHandler {
  return async ({ arguments: item, signal }) => {
    await clock.sleep(1000, signal);
    if (numbers.includes(item as number)) throw new TaskError(`Bad${item}`);
    return item;
  };
}

describe('a Map', () => {
  test('runs its processor once an item and collects the outputs in the order of the items', async () => {
    const clock = new VirtualClock(0);
    const tasks: TaskHandler = async ({ arguments: item, signal }) => {
      await clock.sleep(10_000 - (item as number), signal);
      return (item as number) * 2;
    };
    const execution = await run(machine({ Each: map({ Do: task() }) }), { clock, tasks, input: [1, 2, 3] });
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: [2, 4, 6], stopDate: 9_999 });
  });

  test('takes its Items from an expression, and none is fine', async () => {
    const definition = machine({ Each: map({ Do: pass() }, { Items: '{% $states.input.list %}' }) });
    expect((await run(definition, { input: { list: ['a'] } })).output).toEqual(['a']);
    expect((await run(definition, { input: { list: [] } })).output).toEqual([]);
  });

  test('never treats what is in its input as an expression', async () => {
    const execution = await run(machine({ Each: map({ Do: pass() }) }), { input: ['{% 1 + 1 %}'] });
    expect(execution.output).toEqual(['{% 1 + 1 %}']);
  });

  test('without Items needs an array as input', async () => {
    const execution = await run(machine({ Each: map({ Do: pass() }) }), { input: { a: 1 } });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(execution.cause).toContain("'Each' has no Items and its input is not an array");
  });

  test('ItemSelector makes each input of index, item and input', async () => {
    const ItemSelector = {
      index: '{% $states.context.Map.Item.Index %}',
      item: '{% $states.context.Map.Item.Value %}',
      from: '{% $states.input.bucket %}',
    };
    const definition = machine({ Each: map({ Do: pass() }, { Items: '{% $states.input.keys %}', ItemSelector }) });
    const execution = await run(definition, { input: { bucket: 'b', keys: ['x', 'y'] } });
    expect(execution.output).toEqual([
      { index: 0, item: 'x', from: 'b' },
      { index: 1, item: 'y', from: 'b' },
    ]);
  });

  test('the states inside know their item too, the innermost one', async () => {
    const inner = map({ Do: pass({ Output: '{% $states.context.Map.Item.Value %}' }) }, { Next: 'Own' });
    const Own = pass({ Output: { inner: '{% $states.input %}', own: '{% $states.context.Map.Item.Index %}' } });
    const execution = await run(machine({ Each: map({ Inner: inner, Own }) }), {
      input: [
        ['a', 'b'],
        ['c', 'd'],
      ],
    });
    expect(execution.output).toEqual([
      { inner: ['a', 'b'], own: 0 },
      { inner: ['c', 'd'], own: 1 },
    ]);
  });

  test('the Map itself has no item', async () => {
    const Output = '{% $exists($states.context.Map) %}';
    expect((await run(machine({ Each: map({ Do: pass() }, { Output }) }), { input: [1] })).output).toBe(false);
  });

  test.each([
    [1, 5, 1],
    [2, 3, 2],
    ['{% 2 + 2 %}', 2, 4],
    [0, 1, 5],
    [undefined, 1, 5],
  ])('MaxConcurrency %p takes %p seconds for five items of a second', async (MaxConcurrency, seconds, most) => {
    const clock = new VirtualClock(0);
    let running = 0;
    let peak = 0;
    const tasks: TaskHandler = async ({ signal }) => {
      running += 1;
      peak = Math.max(peak, running);
      await clock.sleep(1000, signal);
      running -= 1;
    };
    const fields = MaxConcurrency === undefined ? {} : { MaxConcurrency };
    const execution = await run(machine({ Each: map({ Do: task() }, fields) }), { clock, tasks, input: [1, 2, 3, 4, 5] });
    expect(execution.stopDate).toBe(seconds * 1000);
    expect(peak).toBe(most);
  });

  test('runs 40 items at once at most, as an inline Map does', async () => {
    const clock = new VirtualClock(0);
    const items = Array.from({ length: 41 }, (_, index) => index);
    const execution = await run(machine({ Each: map({ Do: task() }) }), { clock, tasks: failingItems(clock, []), input: items });
    expect(execution.stopDate).toBe(2000);
    expect(execution.output).toEqual(items);
  });

  test('tells the iterations that start together before what they do', async () => {
    const execution = await run(machine({ Each: map({ Do: pass() }, { MaxConcurrency: 2 }) }), { input: [1, 2] });
    expect(types(execution).slice(2, 5)).toEqual(['MapStateStarted', 'MapIterationStarted', 'MapIterationStarted']);
    expect(types(execution).slice(-3)).toEqual(['MapStateSucceeded', 'MapStateExited', 'ExecutionSucceeded']);
  });
});

describe('a failing iteration', () => {
  test('fails the Map under its own name and stops the others, as recorded on the service', async () => {
    const clock = new VirtualClock(0);
    const tasks: TaskHandler = ({ signal }) => clock.sleep(1e6, signal);
    const execution = await run(machine({ Each: map({ Do: task({ TimeoutSeconds: 5 }) }) }), { clock, tasks, input: [0, 1, 2, 3] });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Timeout', stopDate: 5000 });
    const closing = types(execution).slice(types(execution).indexOf('MapIterationFailed'));
    expect(closing).toEqual([
      'MapIterationFailed',
      'TaskStateAborted',
      ...Array(3).fill(['MapIterationAborted', 'TaskStateAborted']).flat(),
      'MapStateFailed',
      'ExecutionFailed',
    ]);
  });

  test('starts no further item', async () => {
    const clock = new VirtualClock(0);
    const seen: unknown[] = [];
    const fail = failingItems(clock, [2]);
    const tasks: TaskHandler = (request) => {
      seen.push(request.arguments);
      return fail(request);
    };
    await run(machine({ Each: map({ Do: task() }, { MaxConcurrency: 1 }) }), { clock, tasks, input: [1, 2, 3] });
    expect(seen).toEqual([1, 2]);
  });

  test('is retried by its own state, not by the Map', async () => {
    const clock = new VirtualClock(0);
    const { tasks, times } = failing(clock, 'Boom', 'Boom');
    const Retry = [{ ErrorEquals: ['States.ALL'], MaxAttempts: 2 }];
    const execution = await run(machine({ Each: map({ Do: task({ Retry }) }) }), { clock, tasks, input: [1] });
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: ['done'] });
    expect(times).toHaveLength(3);
  });

  test('is caught by the Map', async () => {
    const { tasks } = failing(new VirtualClock(0), 'Boom');
    const definition = machine({ Each: map({ Do: task() }, { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Told' }] }), Told: pass() });
    expect(await run(definition, { tasks, input: [1] })).toMatchObject({ status: 'SUCCEEDED', output: { Error: 'Boom' } });
  });

  test('an ItemSelector that fails is a failed iteration', async () => {
    const definition = machine({ Each: map({ Do: pass() }, { ItemSelector: '{% $nothing %}' }) });
    const execution = await run(definition, { input: [1] });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
    expect(execution.cause).toContain("the state 'Each'");
  });
});

describe('tolerated failures', () => {
  const tolerant = async (fields: Fields, bad: number[]) => {
    const clock = new VirtualClock(0);
    const definition = machine({ Each: map({ Do: task() }, { MaxConcurrency: 1, ...fields }) });
    return run(definition, { clock, tasks: failingItems(clock, bad), input: [1, 2, 3, 4] });
  };

  test.each([
    [{ ToleratedFailureCount: 1 }, [2], true],
    [{ ToleratedFailureCount: 1 }, [2, 3], false],
    [{ ToleratedFailureCount: 0 }, [2], false],
    [{ ToleratedFailurePercentage: 25 }, [2], true],
    [{ ToleratedFailurePercentage: 24.9 }, [2], false],
    [{ ToleratedFailurePercentage: 49 }, [2, 3], false],
    [{ ToleratedFailurePercentage: 100 }, [1, 2, 3, 4], true],
    [{ ToleratedFailureCount: 3, ToleratedFailurePercentage: 25 }, [2, 3], false],
    [{ ToleratedFailureCount: 1, ToleratedFailurePercentage: 100 }, [2, 3], false],
    [{ ToleratedFailureCount: '{% 1 + 1 %}' }, [2, 3], true],
  ])('%j with %j failing succeeds: %p', async (fields, bad, succeeds) => {
    const execution = await tolerant(fields, bad);
    if (succeeds) expect(execution).toMatchObject({ status: 'SUCCEEDED', output: [1, 2, 3, 4].filter((item) => !bad.includes(item)) });
    else expect(execution).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
  });

  test('a tolerated failure is told and the next item starts', async () => {
    const execution = await tolerant({ ToleratedFailureCount: 1 }, [1]);
    const told = types(execution).filter((type) => type.startsWith('MapIteration'));
    expect(told.slice(0, 3)).toEqual(['MapIterationStarted', 'MapIterationFailed', 'MapIterationStarted']);
  });

  test.each([
    [{ ToleratedFailurePercentage: 101 }, "'ToleratedFailurePercentage' is 101, but must be from 0 to 100"],
    [{ ToleratedFailureCount: '{% -1 %}' }, "'ToleratedFailureCount' is -1, but must be an integer of at least 0"],
  ])('%j is refused', async (fields, cause) => {
    expect(await tolerant(fields, [])).toMatchObject({ error: 'States.QueryEvaluationError', cause: expect.stringContaining(cause) });
  });
});

test('a percentage below nothing is refused', async () => {
  const execution = await run(machine({ Each: map({ A: pass() }, { Items: [1], ToleratedFailurePercentage: '{% -1 %}' }) }));
  expect(execution.cause).toContain("the field 'ToleratedFailurePercentage' is -1, but must be from 0 to 100");
});

test('a Map with too many failures says how many of how many, and its first event how many there are', async () => {
  const { cause, history } = await run(machine({ Each: map({ A: { Type: 'Fail', Error: 'Bad' } }, { Items: [1, 2, 3], ToleratedFailureCount: 1 }) }));
  expect(cause).toBe("The Map state 'Each' failed because 2 of 3 items failed.");
  expect(history[2]).toMatchObject({ type: 'MapStateStarted', mapStateStartedEventDetails: { length: 3 } });
});

test('the history tells of each iteration how it ended, also of one inside a branch that was stopped', async () => {
  const wait = (seconds: string) => ({ Type: 'Wait', Seconds: `{% ${seconds} %}`, End: true });
  const Each = { Type: 'Map', Items: [1, 9], ItemProcessor: program({ W: wait('$states.input') }), End: true };
  const Stop = { Type: 'Fail', Error: 'Stop' };
  const Branches = [program({ Each }), program({ Five: { ...wait('5'), End: undefined, Next: 'Stop' }, Stop })];
  const { history } = await run(machine({ Both: { Type: 'Parallel', Branches, End: true } }));
  const told = history.flatMap(({ type, ...event }) =>
    type.startsWith('MapIteration') ? [[type, event[`${type[0]!.toLowerCase()}${type.slice(1)}EventDetails`]]] : [],
  );
  expect(told).toEqual([
    ['MapIterationStarted', { name: 'Each', index: 0 }],
    ['MapIterationStarted', { name: 'Each', index: 1 }],
    ['MapIterationSucceeded', { name: 'Each', index: 0 }],
    ['MapIterationAborted', { name: 'Each', index: 1 }],
  ]);
});
