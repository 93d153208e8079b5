import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  GetExecutionHistoryCommand,
  InvalidArn,
  InvalidDefinition,
  InvalidExecutionInput,
  InvalidName,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  MissingRequiredParameter,
  paginateGetExecutionHistory,
  paginateListExecutions,
  StartExecutionCommand,
  StateMachineAlreadyExists,
  StateMachineDoesNotExist,
  StateMachineTypeNotSupported,
  StopExecutionCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { rejection } from '../aws/support';
import { ARN, definition, pass, ROLE, startTestStates, type TestStates, task, wait } from './support';

let states: TestStates;
beforeAll(async () => {
  states = await startTestStates({ tasks: async ({ arguments: args }) => ({ sent: args }) });
});
afterAll(() => states.close());

const create = (name: string, text: string) => states.sfn.send(new CreateStateMachineCommand({ name, definition: text, roleArn: ROLE }));
const describe_ = (executionArn: string) => states.sfn.send(new DescribeExecutionCommand({ executionArn }));

async function start(stateMachineArn: string, name?: string, input?: string): Promise<string> {
  const { executionArn } = await states.sfn.send(new StartExecutionCommand({ stateMachineArn, name, input }));
  return executionArn!;
}

/** As the documentation has a client wait: by asking again. */
async function ended(executionArn: string) {
  for (;;) {
    const execution = await describe_(executionArn);
    if (execution.status !== 'RUNNING') return execution;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('state machines', () => {
  test('are created, described, listed and deleted', async () => {
    const text = definition({ A: pass() });
    const created = await create('listed', text);
    expect(created.stateMachineArn).toBe(`${ARN.replace('orders', 'listed')}`);
    const stateMachineArn = created.stateMachineArn!;
    const described = await states.sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
    expect(described).toMatchObject({ name: 'listed', status: 'ACTIVE', type: 'STANDARD', definition: text, roleArn: ROLE });
    expect(described.creationDate).toEqual(created.creationDate);
    const { stateMachines } = await states.sfn.send(new ListStateMachinesCommand());
    expect(stateMachines).toContainEqual({ stateMachineArn, name: 'listed', type: 'STANDARD', creationDate: created.creationDate });

    await states.sfn.send(new DeleteStateMachineCommand({ stateMachineArn }));
    await states.idle();
    const error = await rejection(states.sfn.send(new DescribeStateMachineCommand({ stateMachineArn })));
    expect(error).toBeInstanceOf(StateMachineDoesNotExist);
    expect(error.message).toBe(`State Machine Does Not Exist: '${stateMachineArn}'`);
  });

  test('deleting what is not there is no error', async () => {
    await states.sfn.send(new DeleteStateMachineCommand({ stateMachineArn: `${ARN}-none` }));
  });

  test('creating the same again changes nothing; another definition under the name is refused', async () => {
    const first = await create('same', definition({ A: pass() }));
    const second = await states.sfn.send(
      new CreateStateMachineCommand({ name: 'same', definition: definition({ A: pass() }), roleArn: ROLE.replace('orders', 'other') }),
    );
    expect([second.stateMachineArn, second.creationDate]).toEqual([first.stateMachineArn, first.creationDate]);
    const { roleArn } = await states.sfn.send(new DescribeStateMachineCommand({ stateMachineArn: first.stateMachineArn }));
    expect(roleArn).toBe(ROLE);
    const error = await rejection(create('same', definition({ B: pass() })));
    expect(error).toBeInstanceOf(StateMachineAlreadyExists);
    expect(error.message).toBe(`State Machine Already Exists: '${first.stateMachineArn}'`);
  });

  test('an update is for executions that start after it', async () => {
    const { stateMachineArn } = await create('updated', definition({ A: { ...wait(1), Output: 'old' } }));
    const before = await start(stateMachineArn!, 'before');
    const roleArn = ROLE.replace('orders', 'other');
    const update = { stateMachineArn, definition: definition({ A: pass({ Output: '{% $states.context.Execution.RoleArn %}' }) }), roleArn };
    const first = await states.sfn.send(new UpdateStateMachineCommand(update));
    expect(first.revisionId).toBeDefined();
    expect((await states.sfn.send(new UpdateStateMachineCommand(update))).revisionId).toBe(first.revisionId);
    expect((await states.sfn.send(new DescribeStateMachineCommand({ stateMachineArn }))).revisionId).toBe(first.revisionId);
    expect((await ended(await start(stateMachineArn!, 'after'))).output).toBe(JSON.stringify(roleArn));
    expect((await ended(before)).output).toBe('"old"');
    expect(await rejection(states.sfn.send(new UpdateStateMachineCommand({ stateMachineArn })))).toBeInstanceOf(MissingRequiredParameter);
    const bad = new UpdateStateMachineCommand({ stateMachineArn, definition: '{}' });
    expect(await rejection(states.sfn.send(bad))).toBeInstanceOf(InvalidDefinition);
  });

  test('a definition that is not JSON, or not a state machine, is refused', async () => {
    for (const [text, says] of [
      ['{', 'INVALID_JSON_DESCRIPTION'],
      ['[]', 'INVALID_JSON_DESCRIPTION: the definition is not a JSON object'],
      ['{"StartAt":"A"}', "'States' is undefined, but must be an object"],
      [definition({ A: task({ Retry: [null] }) }), "state 'A': 'Retry' is [null], but must be an array of objects"],
    ] as const) {
      const error = await rejection(create('bad', text));
      expect(error).toBeInstanceOf(InvalidDefinition);
      expect(error.message).toContain(says);
      expect(error.message).toMatch(/^Invalid State Machine Definition: '/);
    }
  });

  test('everything in a definition that cannot run here is named at once', async () => {
    const text = definition({
      A: pass({ InputPath: '$.x', End: undefined, Next: 'B' }),
      B: { Type: 'Pass', QueryLanguage: 'JSONPath', Result: 1, End: true },
    });
    const error = await rejection(create('bad', text));
    expect(error).toBeInstanceOf(InvalidDefinition);
    for (const part of ["state 'A': field 'InputPath' is not implemented", "state 'B': field 'Result' is not implemented without JSONata"]) {
      expect(error.message).toContain(part);
    }
  });

  test('an express state machine is refused', async () => {
    const express = new CreateStateMachineCommand({ name: 'express', definition: definition({ A: pass() }), roleArn: ROLE, type: 'EXPRESS' });
    expect(await rejection(states.sfn.send(express))).toBeInstanceOf(StateMachineTypeNotSupported);
  });

  test('a role that is none is refused', async () => {
    const wrong = new CreateStateMachineCommand({ name: 'role', definition: definition({ A: pass() }), roleArn: 'admin' });
    expect(await rejection(states.sfn.send(wrong))).toBeInstanceOf(InvalidArn);
  });

  test.each(['a b', 'a/b', 'a:b', '../up', 'a*', 'a\u0000', '<a>', 'a%2f'])('the name %j is refused', async (name) => {
    const error = await rejection(create(name, definition({ A: pass() })));
    expect(error).toBeInstanceOf(InvalidName);
    expect(error.message).toBe(`Invalid Name: '${name}'`);
  });

  test('a name may have 80 characters and not 81', async () => {
    await create('n'.repeat(80), definition({ A: pass() }));
    const error = await rejection(create('n'.repeat(81), definition({ A: pass() })));
    expect(error.name).toBe('ValidationException');
    expect(error.message).toMatch(
      /^1 validation error detected: Value 'n{81}' at 'name' failed to satisfy constraint: Member must have length less than/,
    );
  });
});

describe('executions', () => {
  let arn: string;
  beforeAll(async () => {
    arn = (await create('orders', definition({ Send: task({ Arguments: '{% $states.input %}', Assign: { sent: 1 } }) }))).stateMachineArn!;
    await create('waiting', definition({ Wait: wait() }));
  });
  const waiting = ARN.replace('orders', 'waiting');

  test('run to their output, with names of their own when none is given', async () => {
    const execution = await ended(await start(arn, undefined, '{"n":1}'));
    expect(execution).toMatchObject({ stateMachineArn: arn, status: 'SUCCEEDED', input: '{"n":1}', output: '{"sent":{"n":1}}', redriveCount: 0 });
    expect(execution.executionArn).toBe(`${arn.replace('stateMachine', 'execution')}:${execution.name}`);
    expect(execution.name).toMatch(/^[0-9a-f-]{36}$/);
    expect(execution.startDate!.getTime()).toBeLessThanOrEqual(execution.stopDate!.getTime());
  });

  test('have {} as input when none is given, and any JSON value that is', async () => {
    expect((await ended(await start(arn))).input).toBe('{}');
    expect((await ended(await start(arn, undefined, '2'))).output).toBe('{"sent":2}');
    expect((await ended(await start(arn, undefined, 'null'))).status).toBe('SUCCEEDED');
  });

  test('fail with error and cause', async () => {
    const failing = await create('failing', definition({ Fail: { Type: 'Fail', Error: 'Orders.Missing', Cause: 'no orders' } }));
    const execution = await ended(await start(failing.stateMachineArn!));
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Orders.Missing', cause: 'no orders' });
    expect(execution.output).toBeUndefined();
  });

  test.each([
    ['', 'Invalid execution input.'],
    ['not json', 'the input is not valid JSON'],
  ])('the input %j is refused', async (input, why) => {
    const error = await rejection(start(arn, undefined, input));
    expect(error).toBeInstanceOf(InvalidExecutionInput);
    expect(error.message).toBe(`Invalid State Machine Execution Input: '${why}'`);
  });

  test('an input of more than 262,144 bytes is refused, and not repeated', async () => {
    const error = await rejection(start(arn, undefined, JSON.stringify('ä'.repeat(131_072))));
    expect(error.name).toBe('ValidationException');
    expect(error.message).toBe(
      "1 validation error detected: Value (not shown) at 'input' failed to satisfy constraint: Member must have length less than or equal to 262144",
    );
  });

  test('starting the same again while it runs is the same execution; anything else under its name is refused', async () => {
    const first = await states.sfn.send(new StartExecutionCommand({ stateMachineArn: waiting, name: 'twice', input: '{"n":1}' }));
    const second = await states.sfn.send(new StartExecutionCommand({ stateMachineArn: waiting, name: 'twice', input: '{"n":1}' }));
    expect([second.executionArn, second.startDate]).toEqual([first.executionArn, first.startDate]);
    const other = await rejection(start(waiting, 'twice', '{"n":2}'));
    expect(other).toBeInstanceOf(ExecutionAlreadyExists);
    expect(other.message).toBe(`Execution Already Exists: '${first.executionArn}'`);
    await states.sfn.send(new StopExecutionCommand({ executionArn: first.executionArn }));
    expect(await rejection(start(waiting, 'twice', '{"n":1}'))).toBeInstanceOf(ExecutionAlreadyExists);
  });

  test.each(['a b', 'a/b'])('the name %j is refused', async (name) => {
    expect(await rejection(start(arn, name))).toBeInstanceOf(InvalidName);
    expect((await rejection(start(arn, 'n'.repeat(81)))).name).toBe('ValidationException');
  });

  test('are stopped with an error and a cause, once', async () => {
    const executionArn = await start(waiting, 'stopped');
    const stop = (cause: string) => states.sfn.send(new StopExecutionCommand({ executionArn, error: 'Maintenance', cause }));
    const { stopDate } = await stop('closed');
    expect(await describe_(executionArn)).toMatchObject({ status: 'ABORTED', error: 'Maintenance', cause: 'closed', stopDate });
    expect((await stop('closed again')).stopDate).toEqual(stopDate);
    const { events } = await states.sfn.send(new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: 1 }));
    expect(events).toMatchObject([
      { type: 'ExecutionAborted', previousEventId: 0, executionAbortedEventDetails: { error: 'Maintenance', cause: 'closed' } },
    ]);
  });

  test('end with the state machine that is deleted', async () => {
    const { stateMachineArn } = await create('doomed', definition({ Wait: wait() }));
    const executionArn = await start(stateMachineArn!, 'running');
    await states.sfn.send(new DeleteStateMachineCommand({ stateMachineArn }));
    await expect(start(stateMachineArn!)).rejects.toThrow(/being deleted|Does Not Exist/);
    for (;;) {
      const error = await describe_(executionArn).then(
        () => undefined,
        (thrown: Error) => thrown,
      );
      if (error === undefined) continue;
      expect(error).toBeInstanceOf(ExecutionDoesNotExist);
      break;
    }
  });

  test('are listed newest first, by status, page by page, also while new ones start', async () => {
    const { stateMachineArn } = await create('many', definition({ Wait: wait(), End: pass() }));
    for (const name of ['a', 'b', 'c', 'd']) await start(stateMachineArn!, name);
    await states.sfn.send(new StopExecutionCommand({ executionArn: `${stateMachineArn!.replace('stateMachine', 'execution')}:b` }));
    const list = (fields: object) => states.sfn.send(new ListExecutionsCommand({ stateMachineArn, ...fields }));
    const names = ({ executions }: { executions?: { name?: string }[] }) => executions?.map(({ name }) => name);
    expect(names(await list({}))).toEqual(['d', 'c', 'b', 'a']);
    expect((await list({ statusFilter: 'ABORTED' })).executions).toMatchObject([{ name: 'b', status: 'ABORTED', stateMachineArn, redriveCount: 0 }]);
    const first = await list({ maxResults: 2 });
    await start(stateMachineArn!, 'e');
    const second = await list({ maxResults: 2, nextToken: first.nextToken });
    expect([names(first), names(second), second.nextToken]).toEqual([['d', 'c'], ['b', 'a'], undefined]);
    expect((await rejection(list({ statusFilter: 'RUNNING', nextToken: first.nextToken }))).name).toBe('InvalidToken');
    expect((await rejection(list({ nextToken: 'made up' }))).name).toBe('InvalidToken');

    const pages = paginateListExecutions({ client: states.sfn, pageSize: 2 }, { stateMachineArn });
    const found: unknown[] = [];
    for await (const each of pages) found.push(names(each));
    expect(found).toEqual([['e', 'd'], ['c', 'b'], ['a']]);
  });

  test('have a history, forwards, backwards, page by page, with or without data', async () => {
    const executionArn = await start(arn, 'history', '{"n":1}');
    await ended(executionArn);
    const all: { id?: number; type?: string }[] = [];
    for await (const each of paginateGetExecutionHistory({ client: states.sfn, pageSize: 3 }, { executionArn })) all.push(...each.events!);
    expect(all.map(({ id, type }) => [id, type])).toEqual([
      [1, 'ExecutionStarted'],
      [2, 'TaskStateEntered'],
      [3, 'TaskScheduled'],
      [4, 'TaskStarted'],
      [5, 'TaskSucceeded'],
      [6, 'TaskStateExited'],
      [7, 'ExecutionSucceeded'],
    ]);
    const backwards = await states.sfn.send(new GetExecutionHistoryCommand({ executionArn, reverseOrder: true }));
    expect(backwards.events).toEqual(all.toReversed());
    expect(backwards.events![1]).toEqual({
      id: 6,
      previousEventId: 5,
      type: 'TaskStateExited',
      timestamp: expect.any(Date),
      stateExitedEventDetails: {
        name: 'Send',
        output: '{"sent":{"n":1}}',
        outputDetails: { truncated: false },
        assignedVariables: { sent: '1' },
        assignedVariablesDetails: { truncated: false },
      },
    });
    const bare = await states.sfn.send(new GetExecutionHistoryCommand({ executionArn, includeExecutionData: false }));
    const page = await states.sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 2 }));
    const otherWay = new GetExecutionHistoryCommand({ executionArn, maxResults: 2, nextToken: page.nextToken, reverseOrder: true });
    expect((await rejection(states.sfn.send(otherWay))).name).toBe('InvalidToken');
    expect((await states.sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 0 }))).events).toEqual(all);
    expect(bare.events![5]!.stateExitedEventDetails).toEqual({ name: 'Send' });
    expect(JSON.stringify(bare.events)).not.toContain('{\\"n\\"');
  });

  test.each([
    ['an ARN that is none', 'orders', InvalidArn, "Invalid Arn: 'Invalid ARN prefix: orders'"],
    ['an execution', 'arn:aws:states:us-east-1:000000000000:execution:orders:a', InvalidArn, 'not valid in this context: execution'],
    ['another service', 'arn:aws:sns:us-east-1:000000000000:orders', InvalidArn, 'Invalid ARN'],
    ['one that does not exist', `${ARN}-none`, StateMachineDoesNotExist, `State Machine Does Not Exist: '${ARN}-none'`],
  ])('cannot be started on %s', async (_, stateMachineArn, kind, says) => {
    const error = await rejection(start(stateMachineArn));
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toContain(says);
    expect(error.$metadata).toMatchObject({ httpStatusCode: 400, attempts: 1 });
  });

  test('that do not exist cannot be described, followed, stopped or listed', async () => {
    const executionArn = `${arn.replace('stateMachine', 'execution')}:none`;
    for (const answer of [
      states.sfn.send(new DescribeExecutionCommand({ executionArn })),
      states.sfn.send(new GetExecutionHistoryCommand({ executionArn })),
      states.sfn.send(new StopExecutionCommand({ executionArn })),
    ]) {
      const error = await rejection(answer);
      expect(error).toBeInstanceOf(ExecutionDoesNotExist);
      expect(error.message).toBe(`Execution Does Not Exist: '${executionArn}'`);
    }
    const none = new ListExecutionsCommand({ stateMachineArn: `${ARN}-none` });
    expect(await rejection(states.sfn.send(none))).toBeInstanceOf(StateMachineDoesNotExist);
  });
});
