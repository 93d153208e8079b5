import { type Around, type Attempt, execute, TaskError, VirtualClock } from '../../lib/engine';

const clock = () => new VirtualClock(0);
const retry = [{ ErrorEquals: ['States.ALL'], MaxAttempts: 2, IntervalSeconds: 10, BackoffRate: 2 }];

function machine(state: object): object {
  return { QueryLanguage: 'JSONata', StartAt: 'Work', States: { Work: { ...state, End: true } } };
}

const task = machine({ Type: 'Task', Resource: 'arn:aws:states:::sns:publish', Arguments: {}, Retry: retry, Output: '{% $states.result.id %}' });
const parallel = machine({ Type: 'Parallel', Branches: [{ StartAt: 'In', States: { In: { Type: 'Succeed' } } }], Retry: retry });

async function run(definition: object, around: Around, more: object = {}) {
  return execute(definition, { name: 'n', stateMachineName: 'm', clock: clock(), tasks: async () => ({ id: 1 }), around, ...more });
}

test.each([
  ['Task', task],
  ['Parallel', parallel],
])('what stands around the attempts of a %s may fail them, and they are retried as their Retry says', async (type, definition) => {
  const seen: Attempt[] = [];
  const { status, stopDate } = await run(definition, async (attempt, work) => {
    seen.push(attempt);
    if (attempt.attempt < 2) throw new TaskError('Broken', 'on purpose');
    return work();
  });
  expect(status).toBe('SUCCEEDED');
  expect(stopDate).toBe(30_000);
  expect(seen.map(({ state, attempt, error }) => [state, attempt, error])).toEqual([
    ['Work', 0, 'Broken'],
    ['Work', 1, 'Broken'],
    ['Work', 2, undefined],
  ]);
  expect(new Set(seen.map(({ entry }) => entry)).size).toBe(1);
  expect(seen[0]!.type).toBe(type);
});

test('an attempt whose result the state cannot use has failed, too', async () => {
  const seen: Attempt[] = [];
  const { error } = await run(task, async (attempt) => {
    seen.push(attempt);
    return {};
  });
  expect(error).toBe('States.QueryEvaluationError');
  expect(seen.at(-1)!.error).toBe('States.QueryEvaluationError');
});

test('an error of a program goes on its way and is not retried', async () => {
  const bug = async () => {
    throw new RangeError('a bug');
  };
  await expect(run(parallel, bug)).rejects.toThrow('a bug');
});

test('a handler that stops its own execution and then fails leaves no unhandled rejection', async () => {
  const stop = new AbortController();
  const tasks = async () => {
    stop.abort();
    throw new Error('too late');
  };
  const options = { name: 'n', stateMachineName: 'm', clock: clock(), tasks, abort: stop.signal };
  expect((await execute(task, options)).status).toBe('ABORTED');
});

test('jitter has a source of its own', async () => {
  const jittered = machine({
    Type: 'Task',
    Resource: 'arn:aws:states:::sns:publish',
    Arguments: {},
    Retry: [{ ...retry[0], JitterStrategy: 'FULL' }],
  });
  const fail: Around = async () => {
    throw new TaskError('Broken');
  };
  expect((await run(jittered, fail, { jitter: () => 0.5, random: () => 0 })).stopDate).toBe(15_000);
  expect((await run(jittered, fail, { random: () => 0.1 })).stopDate).toBe(3_000);
});
