import { mainTasks } from '../../lib/asl/steps';
import { TaskError, type TaskRequest } from '../../lib/engine';
import { injectFaults, parseFault } from '../../lib/local/faults';

const task = (resource: string, next?: string, rest = {}) => ({
  Type: 'Task',
  Resource: `arn:aws:states:::${resource}`,
  ...(next === undefined ? { End: true } : { Next: next }),
  ...rest,
});
const caught = { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Alert: Publish' }] };

/** The shape of the five-step pipeline, its states in another order than they run. */
const definition = {
  StartAt: 'Extract: Watermark',
  States: {
    'Alert: Failed': { Type: 'Fail' },
    'Alert: Publish': task('sns:publish', 'Alert: Failed'),
    'Notify: Publish': task('sns:publish', undefined, caught),
    'Extract: Watermark': task('dynamodb:getItem', 'Extract: Run', caught),
    'Extract: Run': task('lambda:invoke', 'Clean', caught),
    'Clean: Finish': task('lambda:invoke', 'Parquet: Convert', caught),
    Clean: {
      Type: 'Map',
      ItemProcessor: { StartAt: 'Clean: Part', States: { 'Clean: Part': task('lambda:invoke') } },
      Next: 'Clean: Finish',
    },
    'Parquet: Convert': task('glue:startJobRun.sync', 'Load', caught),
    Load: {
      Type: 'Parallel',
      Branches: [
        {
          StartAt: 'Load: Submit',
          States: {
            'Load: Submit': task('aws-sdk:redshiftdata:batchExecuteStatement', 'Load: Look'),
            'Load: Look': task('aws-sdk:redshiftdata:describeStatement'),
          },
        },
      ],
      Next: 'Notify: Publish',
    },
  },
};

test('the main task of a step is the first that does work, in flow order, whatever stands around it', () => {
  expect(Object.fromEntries(mainTasks(definition))).toEqual({
    Extract: 'Extract: Run',
    Clean: 'Clean: Part',
    Parquet: 'Parquet: Convert',
    Load: 'Load: Submit',
    Notify: 'Notify: Publish',
    Alert: 'Alert: Publish',
  });
});

describe('a fault on the command line', () => {
  test.each([
    ['Load', { step: 'Load', times: 1, error: 'Injected.Fault' }],
    ['Load:3', { step: 'Load', times: 3, error: 'Injected.Fault' }],
    ['Load:2:Redshift.StatementFailed', { step: 'Load', times: 2, error: 'Redshift.StatementFailed' }],
  ])('%s', (text, fault) => expect(parseFault(text)).toEqual(fault));

  test.each(['', ':2', 'Load:', 'Load:0', 'Load:-1', 'Load:two', 'Load:2:'])("'%s' is refused", (text) => {
    expect(() => parseFault(text)).toThrow(`fault '${text}' is not of the form STEP[:TIMES[:ERROR]]`);
  });
});

describe('injected faults', () => {
  const request = (state: string, index?: number): TaskRequest => ({
    resource: 'arn',
    arguments: {},
    state,
    attempt: 0,
    context: index === undefined ? {} : { Map: { Item: { Index: index } } },
    signal: new AbortController().signal,
    heartbeat: () => {},
  });
  const called = async (results: Promise<unknown>) => results.catch((error: TaskError) => error);

  test('fail the main task so often with that error, then the service is called; other tasks are left alone', async () => {
    const handler = injectFaults(async ({ state }) => `did ${state}`, [parseFault('Load:2:My.Error')], definition);
    const first = await called(handler(request('Load: Submit')));
    expect(first).toBeInstanceOf(TaskError);
    expect(JSON.stringify(first)).toContain('My.Error');
    expect(await called(handler(request('Load: Look')))).toBe('did Load: Look');
    expect(await called(handler(request('Load: Submit')))).toBeInstanceOf(TaskError);
    expect(await called(handler(request('Load: Submit')))).toBe('did Load: Submit');
  });

  test('inside a Map all strike the same item', async () => {
    const handler = injectFaults(async () => 'done', [parseFault('Clean:2')], definition);
    const results = [];
    for (const index of [1, 0, 2, 1, 1]) results.push(await called(handler(request('Clean: Part', index))));
    expect(results.map((result) => result === 'done')).toEqual([false, true, true, false, true]);
  });

  test('several faults of one step follow each other', async () => {
    const handler = injectFaults(async () => 'done', [parseFault('Load:1:A'), parseFault('Load:1:B')], definition);
    const results = [];
    for (let call = 0; call < 3; call++) results.push(JSON.stringify(await called(handler(request('Load: Submit')))));
    expect(results[0]).toContain('"A"');
    expect(results[1]).toContain('"B"');
    expect(results[2]).toBe('"done"');
  });

  test('a step that does not exist is an error that lists the steps', () => {
    expect(() => injectFaults(async () => 1, [parseFault('Lod')], definition)).toThrow(
      "no step 'Lod' to fail, the state machine has: Extract, Clean, Parquet, Load, Notify, Alert",
    );
  });
});
