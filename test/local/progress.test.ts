import { type Execution, execute, TaskError, type TaskHandler, VirtualClock } from '../../lib/engine';
import { Progress, type StateProgress } from '../../lib/local/progress';

const task = (rest: object) => ({ Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Arguments: {}, ...rest });
const retry = { Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 10, BackoffRate: 1, MaxAttempts: 2 }] };

async function follow(
  states: Record<string, object>,
  StartAt: string,
  tasks: TaskHandler,
): Promise<{ states: StateProgress[]; progress: Progress; execution: Execution }> {
  const clock = new VirtualClock();
  const progress = new Progress();
  const definition = { QueryLanguage: 'JSONata', StartAt, States: states };
  const execution = await execute(definition, { name: 'run', stateMachineName: 'm', tasks, clock, onEvent: (event) => progress.see(event) });
  return { states: progress.states(clock.now()), progress, execution };
}

/** Fails the first `times` calls. */
function failing(times: number, result: unknown = {}): TaskHandler {
  let calls = 0;
  return async () => {
    calls += 1;
    if (calls <= times) throw new TaskError('Some.Error', 'why');
    return result;
  };
}

test('a task that was retried has its tries, the time of its delays and its last error', async () => {
  const { states } = await follow({ Run: task({ ...retry, End: true }) }, 'Run', failing(2));
  expect(states).toEqual([{ name: 'Run', type: 'Task', status: 'done', attempts: 3, ms: 20_000, error: 'Some.Error' }]);
});

test('transitions are those of the engine: states entered and tries', async () => {
  const retried = { ...retry, Retry: [{ ...retry.Retry[0], MaxAttempts: 9 }] };
  const branch = { StartAt: 'Run', States: { Run: task({ ...retry, End: true }) } };
  const { progress, execution } = await follow(
    { Start: { Type: 'Pass', Next: 'Both' }, Both: { Type: 'Parallel', Branches: [branch, { ...branch }], ...retried, End: true } },
    'Start',
    failing(7),
  );
  expect(execution.status).toBe('SUCCEEDED');
  expect(progress.transitions).toBe(execution.transitions);
});

test('a task that gave up has failed, caught or not', async () => {
  const end = { Alert: { Type: 'Pass', End: true } };
  const caught = await follow(
    { Run: task({ ...retry, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Alert' }], End: true }), ...end },
    'Run',
    failing(3),
  );
  expect(caught.states[0]).toMatchObject({ name: 'Run', status: 'failed', attempts: 3 });
  expect(caught.states[1]).toMatchObject({ name: 'Alert', status: 'done', attempts: 1 });
  const uncaught = await follow({ Run: task({ End: true }) }, 'Run', failing(1));
  expect(uncaught.states[0]).toMatchObject({ status: 'failed', attempts: 1, error: 'Some.Error' });
});

test('a timeout is an error of the task', async () => {
  const clock = new VirtualClock();
  const progress = new Progress();
  const definition = { QueryLanguage: 'JSONata', StartAt: 'Run', States: { Run: task({ TimeoutSeconds: 5, End: true }) } };
  const tasks: TaskHandler = ({ signal }) => clock.sleep(60_000, signal);
  await execute(definition, { name: 'run', stateMachineName: 'm', tasks, clock, onEvent: (event) => progress.see(event) });
  expect(progress.states(clock.now())).toEqual([{ name: 'Run', type: 'Task', status: 'failed', attempts: 1, ms: 5000, error: 'States.Timeout' }]);
});

test('a state inside a Map is one state, with the most tries of any item', async () => {
  const part = { StartAt: 'Part', States: { Part: task({ ...retry, Arguments: '{% $states.input %}', End: true }) } };
  const failed = new Set<unknown>();
  const tasks: TaskHandler = async ({ arguments: item }) => {
    if (item !== 2 || failed.has(item)) return item;
    failed.add(item);
    throw new TaskError('Some.Error');
  };
  const { states } = await follow({ Parts: { Type: 'Map', Items: [1, 2, 3], ItemProcessor: part, End: true } }, 'Parts', tasks);
  expect(states.map(({ name, attempts, status }) => [name, attempts, status])).toEqual([
    ['Parts', 1, 'done'],
    ['Part', 2, 'done'],
  ]);
});

test('a Parallel that was retried has its own tries, apart from those of the states in it', async () => {
  const branch = { StartAt: 'Submit', States: { Submit: task({ End: true }) } };
  const { states } = await follow({ Load: { Type: 'Parallel', Branches: [branch], ...retry, End: true } }, 'Load', failing(1));
  expect(states).toMatchObject([
    { name: 'Load', attempts: 2, status: 'done' },
    { name: 'Submit', attempts: 1, status: 'done' },
  ]);
});

test('the dataset that a state assigned gives its rows, and the last one stays', async () => {
  const dataset = { name: 'orders', recordCount: 7, counts: { extracted: 7 } };
  const run = task({ Assign: { dataset: '{% $states.result %}' }, Next: 'Other' });
  const { states, progress } = await follow({ Run: run, Other: { Type: 'Pass', End: true } }, 'Run', failing(0, dataset));
  expect(states.map(({ rows }) => rows)).toEqual([7, undefined]);
  expect(progress.dataset).toEqual(dataset);
});

test('a state that is under way is running, with the time until now', () => {
  const progress = new Progress();
  progress.see({ id: 1, previousEventId: 0, timestamp: 0, type: 'ExecutionStarted' });
  progress.see({ id: 2, previousEventId: 1, timestamp: 100, type: 'TaskStateEntered', stateEnteredEventDetails: { name: 'Run' } });
  expect(progress.states(350)).toEqual([{ name: 'Run', type: 'Task', status: 'running', attempts: 1, ms: 250 }]);
});
