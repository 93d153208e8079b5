import { type TaskRequest, VirtualClock } from '../../../lib/engine';
import { answersOf, attemptsIn, type RecordedAttempt } from '../../../lib/engine/replay/answers';
import type { RecordedEvent } from '../../../lib/engine/replay/recording';
import { recorded } from './support';

const GLUE = 'arn:aws:states:::glue:startJobRun.sync';
const SQS = 'arn:aws:states:::sqs:sendMessage';
const LAMBDA = 'arn:aws:lambda:eu-west-1:123456789012:function:clean';

const entered = (name: string, rest: object = {}) => ['TaskStateEntered', { stateEnteredEventDetails: { name }, ...rest }] as const;
const event = (type: string, details: object): RecordedEvent => ({ type, EventDetails: details });

describe('the attempts of a history', () => {
  test('are told in the order in which they were scheduled, each with its state, its end and whether the service took the request', () => {
    const attempts = attemptsIn(
      recorded(
        ...(['ExecutionStarted', 'ParallelStateEntered', entered('A'), 'TaskScheduled', 'TaskStarted'] as const),
        ...([entered('B', { previousEventId: 2 }), 'TaskScheduled', 'TaskStarted', 'TaskSubmitted', 'TaskSucceeded'] as const),
        ...([['TaskFailed', { previousEventId: 5 }]] as const),
      ),
    );
    expect(attempts.map(({ state, submitted, outcome }) => [state, submitted, outcome?.type])).toEqual([
      ['A', false, 'TaskFailed'],
      ['B', true, 'TaskSucceeded'],
    ]);
    expect(attempts.map(({ scheduledAt, endedAt }) => [scheduledAt, endedAt])).toEqual([
      [3 / 11, 10 / 11],
      [6 / 11, 9 / 11],
    ]);
  });

  test('may be overtaken by the end of the execution, before or after the service took the request', () => {
    const end = ['ExecutionTimedOut', { previousEventId: 0 }] as const;
    const open = attemptsIn(recorded('ExecutionStarted', entered('A'), 'TaskScheduled', 'TaskStarted', end));
    const taken = attemptsIn(recorded('ExecutionStarted', entered('A'), 'TaskScheduled', 'TaskStarted', 'TaskSubmitted', end));
    expect(open).toEqual([expect.objectContaining({ state: 'A', submitted: false, scheduledAt: 2 / 5, endedAt: 1 })]);
    expect(taken).toEqual([expect.objectContaining({ state: 'A', submitted: true, scheduledAt: 2 / 6, endedAt: 1 })]);
    expect([open[0]!.outcome, taken[0]!.outcome]).toEqual([undefined, undefined]);
  });

  test('whose events the recorder sorted belong to no state; what ends a branch comes after what does not', () => {
    const lost = (type: string) => [type, { id: [0], previousEventId: 0 }] as const;
    const attempts = attemptsIn(
      recorded('ExecutionStarted', lost('TaskScheduled'), lost('TaskScheduled'), lost('TaskScheduled'), lost('TaskFailed'), lost('TaskSucceeded')),
    );
    expect(attempts.map(({ state, outcome, endedAt }) => [state, outcome?.type, endedAt])).toEqual([
      [undefined, undefined, 1],
      [undefined, 'TaskFailed', (1 + 4 / 6) / 2],
      [undefined, 'TaskSucceeded', 5 / 6 / 2],
    ]);
  });
});

describe('an attempt is answered', () => {
  const attempt = (outcome: RecordedEvent | undefined, rest: Partial<RecordedAttempt> = {}): RecordedAttempt => ({
    outcome,
    scheduledAt: 0,
    endedAt: 0.5,
    ...rest,
  });
  const succeeded = (output: unknown, details: object = {}): RecordedEvent => ({ type: 'TaskSucceeded', EventDetails: { output, ...details } });

  /** Asks once for each request, and tells the answer or the error with the time of the clock. */
  async function ask(attempts: RecordedAttempt[], ...requests: Partial<TaskRequest>[]) {
    const clock = new VirtualClock(0);
    const handler = answersOf(attempts, clock);
    const told: unknown[] = [];
    for (const request of requests) {
      const signal = new AbortController().signal;
      const asked = { state: 'A', resource: SQS, signal, ...request } as TaskRequest;
      told.push(await handler(asked).catch(({ error, cause, refusal }) => ({ error, cause, refusal })));
    }
    return { told, time: clock.now() };
  }

  test('by what was recorded of its state, and of no other', async () => {
    const attempts = [attempt(succeeded('"b"'), { state: 'B' }), attempt(succeeded('"a"'), { state: 'A' })];
    expect((await ask(attempts, { state: 'A' }, { state: 'B' })).told).toEqual(['a', 'b']);
  });

  test('by what its last event says of the service and the action, where the state is lost', async () => {
    const of = (resourceType: string, resource: string) => attempt(succeeded(`"${resourceType}"`, { resourceType, resource }));
    const attempts = [of('sns', 'sendMessage'), of('sqs', 'deleteMessage'), of('glue', 'startJobRun.sync'), of('sqs', 'sendMessage')];
    expect((await ask(attempts, { resource: SQS }, { resource: GLUE })).told).toEqual(['sqs', 'glue']);
    const functions = [attempt(succeeded('1')), attempt({ type: 'LambdaFunctionSucceeded', EventDetails: { output: '2' } })];
    expect((await ask(functions, { resource: LAMBDA }, { resource: SQS })).told).toEqual([2, 1]);
    expect((await ask([...functions].reverse(), { resource: SQS }, { resource: LAMBDA })).told).toEqual([1, 2]);
  });

  test('in the order that was recorded, within a second', async () => {
    expect((await ask([attempt(succeeded('1'))], {})).time).toBe(250);
  });

  test('with its error, its cause and whether the service took the request', async () => {
    const failed = event('TaskFailed', { error: 'Busy', cause: 'too many' });
    expect((await ask([attempt(failed, { submitted: true })], {})).told).toEqual([{ error: 'Busy', cause: 'too many', refusal: undefined }]);
    expect((await ask([attempt(failed, { submitted: false })], {})).told).toEqual([{ error: 'Busy', cause: 'too many', refusal: 'Failed' }]);
    const refused = event('TaskSubmitFailed', { error: 'Busy', cause: { code: 1 } });
    expect((await ask([attempt(refused)], {})).told).toEqual([{ error: 'Busy', cause: '{"code":1}', refusal: 'SubmitFailed' }]);
    expect((await ask([attempt(event('TaskFailed', {}))], {})).told).toEqual([{ error: '', cause: undefined, refusal: undefined }]);
  });

  test('after the shortest limit if it timed out, unless under a name that is not the engine’s', async () => {
    const scheduled = event('TaskScheduled', { timeoutInSeconds: 9, heartbeatInSeconds: 3 });
    const timedOut = (error: string) => attempt(event('TaskTimedOut', { error }), { scheduled });
    expect((await ask([timedOut('States.Timeout')], {})).time).toBe(3_250);
    expect((await ask([timedOut('Lambda.Unknown')], {})).time).toBe(250);
    expect((await ask([attempt(event('TaskFailed', { error: 'States.Timeout' }), { scheduled })], {})).time).toBe(250);
    expect((await ask([attempt(event('TaskTimedOut', { error: 'States.Timeout' }))], {})).time).toBe(250);
  });

  test('never, where nothing was recorded of it or its end was overtaken, but is told as submitted if it was', async () => {
    const submitted: string[] = [];
    const controller = new AbortController();
    const handler = answersOf([attempt(undefined, { submitted: true })], new VirtualClock(0));
    const request = (name: string) => ({ state: 'A', resource: SQS, signal: controller.signal, submitted: () => submitted.push(name) }) as never;
    const [overtaken, unknown] = [handler(request('overtaken')), handler(request('unknown'))];
    controller.abort(new Error('over'));
    await expect(overtaken).rejects.toThrow('over');
    await expect(unknown).rejects.toThrow('over');
    expect(submitted).toEqual(['overtaken']);
  });
});
