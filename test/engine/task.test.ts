import { type ExecuteOptions, type Execution, RealClock, TaskError, type TaskHandler, type TaskRequest, VirtualClock } from '../../lib/engine';
import { LAMBDA, machine, pass, run, task, types } from './support';

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs one task on a clock of its own. */
function one(
  fields: Record<string, unknown>,
  tasks: (request: TaskRequest, clock: VirtualClock) => Promise<unknown>,
  options: Partial<ExecuteOptions> = {},
) {
  const clock = new VirtualClock(0);
  return run(machine({ Load: task(fields) }), { clock, tasks: (request) => tasks(request, clock), ...options });
}

describe('a Task', () => {
  test('hands its arguments to the handler and gives its result on', async () => {
    const requests: TaskRequest[] = [];
    const execution = await one(
      { Arguments: { FunctionName: 'clean', Payload: { rows: '{% $states.input.rows + 1 %}' } } },
      async (request) => {
        requests.push(request);
        return { ok: true };
      },
      { input: { rows: 2 } },
    );
    expect(requests).toEqual([
      expect.objectContaining({
        resource: 'arn:aws:states:::lambda:invoke',
        arguments: { FunctionName: 'clean', Payload: { rows: 3 } },
        state: 'Load',
        attempt: 0,
      }),
    ]);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: { ok: true } });
  });

  test('without arguments hands over its input', async () => {
    const execution = await one({}, async ({ arguments: args }) => args, { input: [1] });
    expect(execution.output).toEqual([1]);
  });

  test('sees its result in Output and Assign, beside its input', async () => {
    const definition = machine({
      Load: task({ Assign: { rows: '{% $states.result.n %}' }, Output: '{% [$states.input.id, $states.result.n] %}', Next: 'Show' }),
      Show: pass({ Output: { rows: '{% $rows %}', input: '{% $states.input %}' } }),
    });
    const execution = await run(definition, { input: { id: 'a' }, tasks: async () => ({ n: 5 }) });
    expect(execution.output).toEqual({ rows: 5, input: ['a', 5] });
  });

  test('takes the result as JSON', async () => {
    const execution = await one({}, async () => ({ at: new Date(0), gone: undefined }));
    expect(execution.output).toEqual({ at: '1970-01-01T00:00:00.000Z' });
    expect((await one({}, async () => undefined)).output).toBeNull();
  });

  test('fails with the name and cause of the service error', async () => {
    const execution = await one({}, async () => {
      throw new TaskError('Glue.ConcurrentRunsExceededException', 'too many');
    });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Glue.ConcurrentRunsExceededException', cause: 'too many' });
    expect(types(execution).slice(-2)).toEqual(['TaskFailed', 'ExecutionFailed']);
  });

  test('fails with the class of an error that is no service error, as Lambda has it', async () => {
    const execution = await one({}, () => {
      throw new RangeError('out of it');
    });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'RangeError', cause: 'out of it' });
  });

  test('fails with the text of what is no error at all', async () => {
    const execution = await one({}, async () => Promise.reject('out of it'));
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Error', cause: 'out of it' });
  });

  test.each(['Arguments', 'Credentials', 'TimeoutSeconds', 'HeartbeatSeconds'])('names %s as the place of a failed evaluation', async (field) => {
    const execution = await one({ [field]: '{% $nothing %}' }, async () => 1);
    expect(execution.cause).toContain(`The JSONata expression '$nothing' specified for the field '${field}' returned nothing`);
  });

  test.each([
    ['arn:aws:states:::sns:publish', 'task', { resourceType: 'sns', resource: 'publish' }],
    ['arn:aws:lambda:eu-west-1:123456789012:function:clean', 'lambdaFunction', {}],
  ])('%s tells in its events what became of it', async (Resource, prefix, common) => {
    const details = async (tasks: TaskHandler) => {
      const { history } = await one({ Resource }, tasks);
      return history.filter(({ type }) => /Succeeded$|Failed$/.test(type) && !type.startsWith('Execution'));
    };
    const failing = (cause?: string) => details(() => Promise.reject(new TaskError('Busy', cause)));
    const told = (what: string, rest: object) => [expect.objectContaining({ [`${prefix}${what}EventDetails`]: { ...common, ...rest } })];
    expect(await details(async () => 1)).toStrictEqual(told('Succeeded', { output: '1', outputDetails: { truncated: false } }));
    expect(await failing('too many')).toStrictEqual(told('Failed', { error: 'Busy', cause: 'too many' }));
    expect(JSON.stringify(await failing())).not.toContain('cause');
  });

  test('tells the role that it takes', async () => {
    const { history } = await one({ Credentials: { RoleArn: '{% $states.input.role %}' } }, async () => 1, {
      input: { role: 'arn:aws:iam::1:role/a' },
    });
    expect(history[2]!.taskScheduledEventDetails).toMatchObject({ taskCredentials: { roleArn: 'arn:aws:iam::1:role/a' } });
    expect((await one({}, async () => 1)).history[2]!.taskScheduledEventDetails).not.toHaveProperty('taskCredentials');
  });

  test('Lambda functions called by their ARN have events of their own', async () => {
    const Resource = 'arn:aws:lambda:eu-west-1:123456789012:function:clean';
    const offered: unknown[] = [];
    const execution = await one({ Resource, TimeoutSeconds: 9, HeartbeatSeconds: 8 }, async ({ submitted }) => offered.push(submitted));
    expect(offered).toEqual([undefined]);
    expect(execution.history.slice(2, 5)).toEqual([
      expect.objectContaining({
        type: 'LambdaFunctionScheduled',
        lambdaFunctionScheduledEventDetails: { resource: Resource, input: '{}', inputDetails: { truncated: false }, timeoutInSeconds: 9 },
      }),
      { id: 4, previousEventId: 3, timestamp: 0, type: 'LambdaFunctionStarted' },
      expect.objectContaining({ type: 'LambdaFunctionSucceeded' }),
    ]);
  });

  test.each([
    ['arn:aws:states:::glue:startJobRun.sync', 'glue', 'startJobRun.sync'],
    ['arn:aws:states:::states:startExecution.sync:2', 'states', 'startExecution.sync:2'],
    ['arn:aws:states:::aws-sdk:redshiftdata:batchExecuteStatement', 'aws-sdk:redshiftdata', 'batchExecuteStatement'],
    ['arn:aws-cn:states:::sns:publish', 'sns', 'publish'],
  ])('%s is told as %s %s', async (Resource, resourceType, resource) => {
    const execution = await one({ Resource }, async () => 1, { region: 'eu-west-1' });
    const scheduled = execution.history.find(({ type }) => type === 'TaskScheduled')!;
    expect(scheduled.taskScheduledEventDetails).toStrictEqual({ resourceType, resource, region: 'eu-west-1', parameters: '{}' });
    expect(execution.history[3]).toMatchObject({ type: 'TaskStarted', taskStartedEventDetails: { resourceType, resource } });
    expect(types(execution).includes('TaskSubmitted')).toBe(Resource.includes('.sync'));
  });
});

describe('TimeoutSeconds', () => {
  test('ends an attempt that sleeps longer on the clock, at its time, and tells the handler', async () => {
    let told: unknown;
    const execution = await one({ TimeoutSeconds: 60 }, async ({ signal }, clock) => {
      signal.addEventListener('abort', () => {
        told = clock.now();
      });
      await clock.sleep(3_600_000, signal);
    });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Timeout', stopDate: 60_000 });
    expect(execution.cause).toBeUndefined();
    expect(types(execution).slice(-2)).toEqual(['TaskTimedOut', 'ExecutionFailed']);
    expect(told).toBe(60_000);
  });

  test('lets an attempt end that is shorter, and is forgotten then', async () => {
    const execution = await one({ TimeoutSeconds: 60 }, async ({ signal }, clock) => {
      await clock.sleep(59_999, signal);
      return 'in time';
    });
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: 'in time', stopDate: 59_999 });
  });

  test('may be computed', async () => {
    const execution = await one({ TimeoutSeconds: '{% $states.input.limit * 2 %}' }, ({ signal }, clock) => clock.sleep(1e6, signal), {
      input: { limit: 3 },
    });
    expect(execution).toMatchObject({ error: 'States.Timeout', stopDate: 6_000 });
  });

  test('starts anew with every retry', async () => {
    const Retry = [{ ErrorEquals: ['States.Timeout'], IntervalSeconds: 5, MaxAttempts: 1 }];
    const execution = await one({ TimeoutSeconds: 10, Retry }, ({ signal }, clock) => clock.sleep(1e6, signal));
    expect(execution.stopDate).toBe(25_000);
  });

  test('does not run while real work does', async () => {
    const execution = await one({ TimeoutSeconds: 1 }, async () => {
      await later(20);
      return 'real';
    });
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: 'real', stopDate: 0 });
  });

  test('ends an attempt whose handler never listens', async () => {
    const execution = await one({ TimeoutSeconds: 30 }, (_request, clock) => clock.sleep(Number.POSITIVE_INFINITY));
    expect(execution).toMatchObject({ error: 'States.Timeout', stopDate: 30_000 });
  });

  test.each([
    [0, 'is 0, but must be an integer of at least 1'],
    [1.5, 'is 1.5, but must be an integer of at least 1'],
  ])('%p is refused', async (limit, message) => {
    const execution = await one({ TimeoutSeconds: `{% ${limit} %}` }, async () => 1);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
    expect(execution.cause).toContain(`'TimeoutSeconds' ${message}`);
  });
});

describe('a task that the service takes and works on', () => {
  const Resource = 'arn:aws:states:::glue:startJobRun.sync';
  const submittedOf = (execution: Execution) =>
    execution.history.filter(({ type }) => type === 'TaskSubmitted').map((event) => [event.timestamp, event.taskSubmittedEventDetails]);

  test('is told as submitted when the handler says so, with the answer, once', async () => {
    const execution = await one({ Resource }, async ({ submitted, signal }, clock) => {
      await clock.sleep(1_000, signal);
      submitted!({ JobRunId: 'jr_1' });
      submitted!({ JobRunId: 'jr_2' });
      await clock.sleep(1_000, signal);
    });
    const details = { resourceType: 'glue', resource: 'startJobRun.sync', output: '{"JobRunId":"jr_1"}', outputDetails: { truncated: false } };
    expect(submittedOf(execution)).toEqual([[1_000, details]]);
    expect(types(execution).slice(2, 6)).toEqual(['TaskScheduled', 'TaskStarted', 'TaskSubmitted', 'TaskSucceeded']);
  });

  test('is told as submitted when it ends, if the handler never said so', async () => {
    const failed = await one({ Resource }, async () => {
      throw new TaskError('Glue.Failed');
    });
    expect(types(failed).slice(2, 6)).toEqual(['TaskScheduled', 'TaskStarted', 'TaskSubmitted', 'TaskFailed']);
    expect(submittedOf(failed)).toEqual([[0, { resourceType: 'glue', resource: 'startJobRun.sync' }]]);
    const expired = await one({ Resource, TimeoutSeconds: 5 }, ({ signal }, clock) => clock.sleep(Infinity, signal));
    expect(types(expired).slice(2, 6)).toEqual(['TaskScheduled', 'TaskStarted', 'TaskSubmitted', 'TaskTimedOut']);
  });

  test.each(['Failed', 'SubmitFailed'] as const)(
    'that was not even taken is told by Task%s alone, once it was taken as any other',
    async (refusal) => {
      const refused = (early: boolean) =>
        one({ Resource }, async ({ submitted }) => {
          if (early) submitted!();
          throw new TaskError('Glue.EntityNotFoundException', 'no such job', refusal);
        });
      expect(types(await refused(false)).slice(3, 5)).toEqual(['TaskStarted', `Task${refusal}`]);
      expect(types(await refused(true)).slice(3, 6)).toEqual(['TaskStarted', 'TaskSubmitted', 'TaskFailed']);
    },
  );

  test('is not told as submitted by a handler that comes too late', async () => {
    const execution = await one({ Resource, TimeoutSeconds: 5 }, async ({ submitted, signal }, clock) => {
      await clock.sleep(Infinity, signal).catch(() => submitted!({ late: true }));
    });
    expect(submittedOf(execution)).toHaveLength(1);
    expect(JSON.stringify(execution.history)).not.toContain('late');
  });
});

describe('waiting for a task token', () => {
  const Resource = 'arn:aws:states:::sqs:sendMessage.waitForTaskToken';
  const Arguments = { Token: '{% $states.context.Task.Token %}' };

  test('each attempt has a token of its own', async () => {
    const tokens: unknown[] = [];
    await one({ Resource, Arguments, Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1 }] }, async ({ arguments: args }) => {
      tokens.push((args as { Token: string }).Token);
      throw new TaskError('Boom');
    });
    expect(tokens).toEqual([expect.any(String), expect.any(String)]);
    expect(tokens[0]).not.toBe(tokens[1]);
  });

  test('HeartbeatSeconds without a heartbeat is a timeout', async () => {
    const execution = await one({ Resource, Arguments, HeartbeatSeconds: 5, TimeoutSeconds: 600 }, ({ signal }, clock) => clock.sleep(1e6, signal));
    expect(execution).toMatchObject({ error: 'States.Timeout', stopDate: 5_000 });
    expect(types(execution)).toContain('TaskSubmitted');
    const scheduled = execution.history.find(({ type }) => type === 'TaskScheduled')!;
    expect(scheduled.taskScheduledEventDetails).toMatchObject({ heartbeatInSeconds: 5, timeoutInSeconds: 600 });
  });

  test('HeartbeatSeconds alone is no limit to how long it may take, on a real clock either', async () => {
    const execution = await one({ Resource, Arguments, HeartbeatSeconds: 5 }, () => later(20), { clock: new RealClock() });
    expect(execution.status).toBe('SUCCEEDED');
  });

  test('every heartbeat starts HeartbeatSeconds anew', async () => {
    const execution = await one({ Resource, Arguments, HeartbeatSeconds: 5 }, async ({ signal, heartbeat }, clock) => {
      for (let beat = 0; beat < 3; beat += 1) {
        await clock.sleep(4_000, signal);
        heartbeat();
      }
      await clock.sleep(1e6, signal);
    });
    expect(execution).toMatchObject({ error: 'States.Timeout', stopDate: 17_000 });
  });

  test.each([
    [['States.HeartbeatTimeout'], 'SUCCEEDED'],
    [['States.Timeout'], 'SUCCEEDED'],
    [['States.ALL'], 'SUCCEEDED'],
    [['States.TaskFailed'], 'FAILED'],
  ])('a missed heartbeat is caught by %j: %s', async (ErrorEquals, status) => {
    const Catch = [{ ErrorEquals, Next: 'Caught' }];
    const definition = machine({ A: task({ Resource, Arguments, HeartbeatSeconds: 1, Catch }), Caught: pass() });
    const clock = new VirtualClock(0);
    expect(await run(definition, { clock, tasks: ({ signal }) => clock.sleep(Infinity, signal) })).toMatchObject({ status });
  });

  test('a timeout is no missed heartbeat', async () => {
    const Retry = [{ ErrorEquals: ['States.HeartbeatTimeout'], MaxAttempts: 5 }];
    const execution = await one({ Resource, Arguments, TimeoutSeconds: 5, Retry }, ({ signal }, clock) => clock.sleep(Infinity, signal));
    expect(execution).toMatchObject({ error: 'States.Timeout', stopDate: 5_000 });
  });

  test('a host that knows the token ends the task from outside', async () => {
    const waiting = new Map<string, (output: unknown) => void>();
    const tasks: TaskHandler = ({ token }) => new Promise((resolve) => waiting.set(token!, resolve));
    const sent = new Promise<string>((resolve) => {
      const look = () => (waiting.size > 0 ? resolve([...waiting.keys()][0]!) : setImmediate(look));
      look();
    });
    const running = run(machine({ A: task({ Resource, Arguments }) }), { tasks });
    waiting.get(await sent)!({ approved: true });
    expect(await running).toMatchObject({ status: 'SUCCEEDED', output: { approved: true } });
  });

  test('the handler is told the token that the state sees, and other tasks have none', async () => {
    const seen: unknown[] = [];
    await one({ Resource, Arguments }, async ({ token, arguments: args, submitted }) => seen.push([token, args, typeof submitted]));
    await one({ Arguments: {} }, async ({ token, submitted }) => seen.push([token, submitted]));
    const [[token, args, submitted], other] = seen as [[string, object, string], unknown];
    expect(token).toMatch(/^[0-9a-f-]{36}$/);
    expect([args, submitted]).toEqual([{ Token: token }, 'function']);
    expect(other).toEqual([undefined, undefined]);
  });

  test.each([LAMBDA, 'arn:aws:states:::glue:startJobRun.sync'])('tasks without a token have no heartbeats to miss: %s', async (resource) => {
    const execution = await one({ Resource: resource, HeartbeatSeconds: 1 }, ({ signal }, clock) => clock.sleep(9_000, signal));
    expect(execution.status).toBe('SUCCEEDED');
  });
});
