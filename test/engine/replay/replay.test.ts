import { parseRecordings, type Recording } from '../../../lib/engine/replay/recording';
import { replay, replayAll } from '../../../lib/engine/replay/replay';
import { machine, pass, program, task } from '../support';
import { failed, recorded, succeeded } from './support';

const entered = (name: string, rest: object = {}) => ['TaskStateEntered', { stateEnteredEventDetails: { name }, ...rest }] as const;
const answered = (output: unknown, rest: object = {}) => ['TaskSucceeded', { taskSucceededEventDetails: { output }, ...rest }] as const;
const refused = (error: string, rest: object = {}) => ['TaskFailed', { taskFailedEventDetails: { error }, ...rest }] as const;

const recording = (definition: object, events: Recording['events'], rest: Partial<Recording> = {}): Recording => ({
  name: 'r',
  definition,
  events,
  ...rest,
});

test('a recording that comes out the same counts', async () => {
  const events = recorded('ExecutionStarted', ['PassStateEntered', { previousEventId: 0 }], 'PassStateExited', succeeded({ a: '<uuid:1>' }));
  const result = await replayAll([recording(machine({ A: pass({ Output: { a: '{% $uuid() %}' } }) }), events)]);
  expect(result).toEqual({ total: 1, outcome: 1, events: 1, failures: [] });
});

test('JSON text of the recorder is JSON', async () => {
  const events = recorded('ExecutionStarted', 'PassStateEntered', 'PassStateExited', succeeded('[1]'));
  expect(await replayAll([recording(machine({ A: pass() }), events, { input: [1] })])).toMatchObject({ outcome: 1 });
});

test('another output is told', async () => {
  const events = recorded('ExecutionStarted', 'PassStateEntered', 'PassStateExited', succeeded('2'));
  expect(await replayAll([recording(machine({ A: pass({ Output: 1 }) }), events)])).toEqual({
    total: 1,
    outcome: 0,
    events: 1,
    failures: [{ name: 'r', expected: { status: 'SUCCEEDED', output: 2 }, got: { status: 'SUCCEEDED', output: 1 } }],
  });
});

test.each([
  [failed('Other'), { status: 'FAILED', error: 'Other' }],
  [['ExecutionTimedOut', {}] as const, { status: 'TIMED_OUT' }],
])('another end is told: %j', async (end, expected) => {
  const events = recorded('ExecutionStarted', 'FailStateEntered', end);
  const { outcome, failures } = await replayAll([recording(machine({ A: { Type: 'Fail', Error: 'Bad' } }), events)]);
  expect({ outcome, failures }).toMatchObject({ outcome: 0, failures: [{ expected, got: { status: 'FAILED', error: 'Bad' } }] });
});

test('other events are told', async () => {
  const events = recorded('ExecutionStarted', 'PassStateEntered', succeeded('1'));
  const result = await replayAll([recording(machine({ A: pass({ Output: 1 }) }), events)]);
  expect(result).toMatchObject({
    outcome: 1,
    events: 0,
    failures: [{ expected: { events: expect.any(Array) }, got: { events: expect.any(Array) } }],
  });
});

test('a definition that the engine does not run is a failure with the reason', async () => {
  const events = recorded('ExecutionStarted', failed('X'));
  const result = await replayAll([recording({ StartAt: 'A', States: { A: { Type: 'Pass', Result: 1, End: true } } }, events)]);
  expect(result).toMatchObject({ total: 1, outcome: 0, events: 0, failures: [{ expected: { status: 'FAILED', error: 'X' } }] });
  expect(JSON.stringify(result.failures[0]!.got)).toContain('JSONPath is not implemented');
});

test('each attempt is answered as it was, and errors come under their names', async () => {
  const Retry = [{ ErrorEquals: ['Busy'], MaxAttempts: 2 }];
  const events = recorded(
    'ExecutionStarted',
    entered('A'),
    'TaskScheduled',
    'TaskStarted',
    refused('Busy'),
    'TaskScheduled',
    'TaskStarted',
    answered({ n: 2 }),
    'TaskStateExited',
    succeeded({ n: 2 }),
  );
  expect(await replayAll([recording(machine({ A: task({ Retry }) }), events)])).toMatchObject({ outcome: 1, events: 1 });
});

test('tasks side by side end in the order that was recorded, each with its own answer', async () => {
  const Branches = [program({ A: task() }), program({ B: task() })];
  const events = recorded(
    'ExecutionStarted',
    'ParallelStateEntered',
    'ParallelStateStarted',
    entered('A', { previousEventId: 3 }),
    ['TaskScheduled', { previousEventId: 4 }],
    ['TaskStarted', { previousEventId: 5 }],
    entered('B', { previousEventId: 3 }),
    ['TaskScheduled', { previousEventId: 7 }],
    ['TaskStarted', { previousEventId: 8 }],
    answered('"b"', { previousEventId: 9 }),
    ['TaskStateExited', { previousEventId: 10 }],
    answered('"a"', { previousEventId: 6 }),
    ['TaskStateExited', { previousEventId: 12 }],
    'ParallelStateSucceeded',
    'ParallelStateExited',
    succeeded('["a","b"]'),
  );
  const execution = await replay(recording(machine({ Both: { Type: 'Parallel', Branches, End: true } }), events));
  expect(execution.output).toEqual(['a', 'b']);
  const exits = execution.history
    .filter(({ type }) => type === 'TaskStateExited')
    .map((event) => (event.stateExitedEventDetails as { name: string }).name);
  expect(exits).toEqual(['B', 'A']);
});

test('a timeout is the engine’s own where the task has one, and thrown where it has none', async () => {
  const scheduled = (timeoutInSeconds?: number) => ['TaskScheduled', { taskScheduledEventDetails: { timeoutInSeconds } }] as const;
  const timedOut = ['TaskTimedOut', { taskTimedOutEventDetails: { error: 'States.Timeout' } }] as const;
  const events = (timeout?: number) =>
    recorded('ExecutionStarted', entered('A'), scheduled(timeout), 'TaskStarted', timedOut, failed('States.Timeout'));
  const own = recording(machine({ A: task({ TimeoutSeconds: 9 }) }), events(9));
  const { startDate, stopDate } = await replay(own);
  expect(stopDate - startDate).toBe(9_000);
  expect(await replayAll([own, recording(machine({ A: task() }), events())])).toMatchObject({ outcome: 2, events: 2 });
});

test('an attempt that the end of the execution overtook is never answered', async () => {
  const events = recorded('ExecutionStarted', entered('A'), 'TaskScheduled', 'TaskStarted', ['ExecutionTimedOut', {}]);
  expect(await replayAll([recording(machine({ A: task() }, { TimeoutSeconds: 3 }), events)])).toMatchObject({ outcome: 1, events: 1 });
});

test('an execution that was stopped is stopped after the same event', async () => {
  const aborted = ['ExecutionAborted', { previousEventId: 0, executionAbortedEventDetails: { error: 'Mine', cause: 'why' } }] as const;
  const events = recorded('ExecutionStarted', 'WaitStateEntered', aborted);
  const wait = recording(machine({ A: { Type: 'Wait', Seconds: 100, End: true } }), events);
  expect(await replay(wait)).toMatchObject({ status: 'ABORTED', error: 'Mine', cause: 'why' });
  expect(await replayAll([wait])).toMatchObject({ outcome: 1, events: 1 });
});

test('a recording without events is a failure, and the others are replayed', async () => {
  const fine = recording(machine({ A: pass() }), recorded('ExecutionStarted', 'PassStateEntered', 'PassStateExited', succeeded({})));
  const result = await replayAll([recording(machine({ A: pass() }), []), fine]);
  expect(result).toMatchObject({ total: 2, outcome: 1, events: 1, failures: [{ got: { problem: expect.stringContaining('an empty array') } }] });
});

const plain = machine({ A: pass() });
const fine = recorded('ExecutionStarted', 'PassStateEntered', 'PassStateExited', succeeded({}));

test.each([
  [null, 'recording 1', 'the recording is null, but must be an object'],
  [{ name: 'n', definition: 7, events: fine }, 'n', 'the definition is a number, but must be an object'],
  [{ name: 'n', events: fine }, 'n', 'the definition is undefined, but must be an object'],
  [{ name: 'n', definition: plain }, 'n', 'the events are undefined, but must be an array of at least one'],
  [{ definition: plain, events: [...fine, null] }, 'recording 1', 'events[4] has no type'],
  [{ definition: plain, events: fine.slice(0, 2) }, 'recording 1', 'the last event is PassStateEntered, but must be the one that ends the execution'],
])('what cannot be replayed is a failure that says why, and the others are replayed: %j', async (odd, name, problem) => {
  const { outcome, failures } = await replayAll([odd, recording(plain, fine)]);
  expect({ outcome, failures }).toMatchObject({ outcome: 1, failures: [{ name, got: { problem: `Error: ${problem}` } }] });
});

test.each<[string, object]>([
  ['a definition that is JSON text', { definition: JSON.stringify(plain), input: {} }],
  ['an input that is JSON text', { input: '{}' }],
  ['events as the service answers them', { events: { events: fine } }],
  ['events from the end', { events: fine.toReversed() }],
  ['events without ids', { events: fine.map(({ id: _, previousEventId: __, ...event }) => event) }],
])('a recording may have %s', async (_, changes) => {
  expect(await replayAll([{ ...recording(plain, fine), ...changes }])).toMatchObject({ outcome: 1, events: 1, failures: [] });
});

test('the input may be told by the history alone', async () => {
  const started = ['ExecutionStarted', { executionStartedEventDetails: { input: '[1]' } }] as const;
  const events = recorded(started, 'PassStateEntered', 'PassStateExited', succeeded('[1]'));
  expect(await replayAll([recording(plain, events)])).toMatchObject({ outcome: 1 });
});

describe('a task that waits for a job', () => {
  const job = machine({ A: task({ Resource: 'arn:aws:states:::glue:startJobRun.sync' }) });
  const common = { resourceType: 'glue', resource: 'startJobRun.sync' };
  const begun = ['ExecutionStarted', entered('A'), 'TaskScheduled', 'TaskStarted'] as const;

  test.each([
    ['failed', ['TaskSubmitted', ['TaskFailed', { taskFailedEventDetails: { ...common, error: 'X' } }]] as const],
    ['was refused', [['TaskFailed', { taskFailedEventDetails: { ...common, error: 'X' } }]] as const],
    ['could not be submitted', [['TaskSubmitFailed', { taskSubmitFailedEventDetails: { ...common, error: 'X' } }]] as const],
  ])('that %s', async (_, ended) => {
    const end = recorded(...begun, ...ended, failed('X'));
    expect(await replayAll([recording(job, end)])).toMatchObject({ outcome: 1, events: 1 });
  });
});

test('where the recorder sorted the events of branches, the answers go to whom they fit', async () => {
  const other = 'arn:aws:states:::sqs:sendMessage';
  const lost = (type: string, details: object = {}) => [type, { id: [0], previousEventId: 0, ...details }] as const;
  const two = ['TaskStateEntered', 'TaskScheduled', 'TaskStarted'].flatMap((type) => [lost(type), lost(type)]);
  const answer = (output: string, resource?: object) => lost('TaskSucceeded', { taskSucceededEventDetails: { output, ...resource } });
  const both = (...answers: (readonly [string, object])[]) => {
    const inside = [...two, ...answers, lost('TaskStateExited'), lost('TaskStateExited')];
    // The event that closes the branches is lost, as its id shows.
    const exited = ['ParallelStateExited', { id: 3 + inside.length + 2 }] as const;
    return recorded('ExecutionStarted', 'ParallelStateEntered', 'ParallelStateStarted', ...inside, exited, [
      'ExecutionSucceeded',
      { id: 3 + inside.length + 3, executionSucceededEventDetails: { output: '["a","b"]' } },
    ]);
  };
  const parallel = (...resources: string[]) =>
    machine({ Both: { Type: 'Parallel', Branches: resources.map((Resource, index) => program({ [`T${index}`]: task({ Resource }) })), End: true } });
  const invoke = 'arn:aws:states:::lambda:invoke';
  const swapped = recording(parallel(invoke, invoke), both(answer('"b"'), answer('"a"')));
  const told = recording(parallel(invoke, other), both(answer('"b"', { resourceType: 'sqs', resource: 'sendMessage' }), answer('"a"')));
  expect(await replayAll([swapped, told])).toMatchObject({ outcome: 2, events: 2, failures: [] });
});

test('a file may hold an object with the array in it', () => {
  expect(parseRecordings('{"executions":[{"name":"a"}]}')).toEqual([{ name: 'a' }]);
});

test('a file that holds no array is refused', () => {
  expect(() => parseRecordings('{}')).toThrow('the recordings are an object, but must be an array of { name, definition, input, events }');
});
