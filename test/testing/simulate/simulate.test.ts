import { Duration, type Stack } from 'aws-cdk-lib';
import { MinimalStack } from '../../../examples/minimal/stack';
import { OrdersToRedshiftStack } from '../../../examples/orders-to-redshift/stack';
import { OwnTableStack } from '../../../examples/own-table/stack';
import { abortAt, aslOf, expireAt, fail, latency, malformed, type Simulation, simulate, throttle, timeOut } from '../../../lib/testing';
import { testApp } from '../../support/app';

const orders = new OrdersToRedshiftStack(testApp(), 'Orders');
const starts = ({ attempts }: Simulation, state: string) => attempts[state]!.map(({ start }) => start);
const by = (published: Simulation['published']) => published.map((each) => `${each.from} ${each.by}`);

describe('a run without faults', () => {
  const stacks: [string, () => Stack][] = [
    ['minimal', () => new MinimalStack(testApp(), 'Minimal')],
    ['orders-to-redshift', () => orders],
    ['own-table', () => new OwnTableStack(testApp(), 'Own', { table: 'public.track', key: ['track_id'] })],
  ];
  test.each(stacks)('of %s succeeds with no handler, loads what it extracted and notifies once', async (_, make) => {
    const run = await simulate(make());
    expect(run.status).toBe('SUCCEEDED');
    expect(run.output).toMatchObject({ recordCount: 1000, counts: { extracted: 1000, cleaned: 1000, loaded: 1000 } });
    expect(by(run.published)).toEqual(['machine Notify: Publish']);
    expect(run.alerts).toEqual([]);
  });

  test('with nothing to extract skips the load, and says so', async () => {
    const run = await simulate(orders, { rows: 0 });
    expect(run.status).toBe('SUCCEEDED');
    expect(run.entered).toContain('Load: Skipped');
    expect(run.notifications[0]!.message).toContain('the load was skipped');
  });

  test('polls the statement for as long as it runs', async () => {
    const run = await simulate(orders, { statementSeconds: 600 });
    expect(starts(run, 'Load: Describe').slice(0, 4)).toEqual([2000, 6000, 14_000, 30_000]);
    expect(run.status).toBe('SUCCEEDED');
  });

  test('is the same each time, virtual time, ids and all', async () => {
    expect(await simulate(orders)).toEqual(await simulate(orders));
  });

  test('of a definition as JSON is that of the stack it comes from', async () => {
    const run = await simulate(aslOf(orders));
    expect([run.status, run.transitions]).toEqual(['SUCCEEDED', (await simulate(orders)).transitions]);
  });
});

describe('handlers of the user', () => {
  const dataset = (recordCount: number) => ({
    name: 'sales.orders',
    manifest: 's3://elsewhere/mine/manifest.json',
    format: 'copy-text',
    recordCount,
    parts: 3,
    columns: ['order_id', 'status', 'updated_at', 'customer_id', 'total', 'ordered_at', 'email'].map((name) => ({
      name,
      type: 'varchar(10)',
      nullable: true,
    })),
    counts: { extracted: recordCount },
    window: { column: 'updated_at', low: null, high: '2026-01-01T00:00:00Z' },
  });

  test('come before the own answers, that of a state before that of its resource; the steps behind go on with what they answer', async () => {
    const handlers = {
      'Extract: Run': () => ({ Payload: dataset(7) }),
      'sns:publish': () => ({ MessageId: 'mine' }),
      'dynamodb:updateItem': () => ({ Attributes: { holder: { S: 'mine' }, watermark: { S: 'of the resource' } } }),
      'Extract: Lock': () => ({ Attributes: { holder: { S: 'mine' }, watermark: { S: 'of the state' } } }),
    };
    const run = await simulate(orders, { handlers });
    expect(run.output).toMatchObject({ counts: { extracted: 7, cleaned: 7, loaded: 7 } });
    const [locked] = run.history.filter(({ type }) => type === 'TaskSucceeded');
    expect(locked).toMatchObject({ taskSucceededEventDetails: { output: expect.stringContaining('of the state') } });
    expect(JSON.stringify(run.history)).toContain('of the resource');
    expect(run.notifications).toHaveLength(1);
  });

  test('may bring a dataset that the steps behind refuse', async () => {
    const run = await simulate(orders, { handlers: { 'Extract: Run': () => ({ Payload: { ...dataset(7), recordCount: '7' } }) } });
    expect(run.cause).toContain('Payload.dataset.recordCount is "7", but must be a whole number');
  });

  test('are not needed for a source of other columns, which the steps then miss', async () => {
    const run = await simulate(orders, { columns: dataset(1).columns.filter(({ name }) => name !== 'status') });
    expect([run.status, run.cause]).toEqual(['FAILED', expect.stringContaining("'status'")]);
  });
});

describe('a failed statement', () => {
  test('is submitted again as a new one, and the run succeeds', async () => {
    const run = await simulate(orders, { statements: ['fails', 'fails'] });
    expect(run.status).toBe('SUCCEEDED');
    expect(run.attempts['Load: Transaction']!.map(({ error }) => error)).toEqual(['Redshift.StatementFailed', 'Redshift.StatementFailed', undefined]);
  });

  test('that takes too long is cancelled, and submitted again', async () => {
    const run = await simulate(orders, { statements: ['hangs'] });
    expect(run.entered).toContain('Load: Cancel');
    expect(run.attempts['Load: Transaction']!.map(({ error }) => error)).toEqual(['Redshift.StatementTimedOut', undefined]);
    expect((await simulate(orders, { statements: ['hangs', 'hangs', 'hangs'] })).error).toBe('Redshift.StatementTimedOut');
  });
});

describe('faults', () => {
  test('fail, twice: the step is tried three times, 20 and 40 seconds apart', async () => {
    const run = await simulate(orders, { faults: [fail('Load', { times: 2 })] });
    expect(run.status).toBe('SUCCEEDED');
    expect(starts(run, 'Load: Submit')).toEqual([0, 20_000, 60_000]);
  });

  test('jitter is injected', async () => {
    const run = await simulate(orders, { faults: [fail('Load', { times: 2 })], jitter: 0.25 });
    expect(starts(run, 'Load: Submit')).toEqual([0, 5000, 15_000]);
  });

  test('fail, for good: the run fails with the error, and alerts once, from the machine', async () => {
    const run = await simulate(orders, { faults: [fail('Load', { error: 'Some.Error', cause: 'because' })] });
    expect([run.status, run.error, run.cause]).toEqual(['FAILED', 'Some.Error', '[alerted] because']);
    expect(by(run.alerts)).toEqual(['machine Alert: Publish']);
    expect(run.alerts[0]!.message).toContain('Failed at: Load: Transaction');
    expect(run.notifications).toEqual([]);
  });

  test('a permanent error is tried once', async () => {
    const run = await simulate(orders, { faults: [fail('Extract', { error: 'SourceNotFound' })] });
    expect(run.attempts['Extract: Run']).toHaveLength(1);
    expect(run.ms).toBe(0);
  });

  test('inside a Map, a number of times is of one item, and for good is of every item', async () => {
    const tried = (run: Simulation) => run.attempts['Clean: Part']!.filter(({ error }) => error).map(({ item }) => item);
    expect(tried(await simulate(orders, { faults: [fail('Clean', { times: 2 })] }))).toEqual([0, 0]);
    expect(new Set(tried(await simulate(orders, { faults: [fail('Clean')] })))).toEqual(new Set([0, 1]));
  });

  test('a task that never answers is ended by its TimeoutSeconds, three times', async () => {
    const run = await simulate(orders, { faults: [timeOut('Parquet')] });
    expect(run.error).toBe('States.Timeout');
    expect(run.attempts['Parquet: Convert']!.map(({ start, end }) => end - start)).toEqual([4_200_000, 4_200_000, 4_200_000]);
  });

  test('a throttled service goes by its own error', async () => {
    const run = await simulate(orders, { faults: [throttle('Extract', { times: 1 }), throttle('Load', { times: 1 })] });
    expect(run.status).toBe('SUCCEEDED');
    expect(run.attempts['Extract: Run']![0]!.error).toBe('Lambda.TooManyRequestsException');
    expect(run.attempts['Load: Submit']![0]!.error).toBe('RedshiftData.ActiveStatementsExceededException');
  });

  test('latency counts against the time-out', async () => {
    const slow = await simulate(orders, { faults: [latency('Extract', Duration.minutes(10))] });
    expect([slow.status, slow.attempts['Extract: Run']!.length]).toEqual(['SUCCEEDED', 1]);
    const late = await simulate(orders, { faults: [latency('Extract', Duration.hours(1), { times: 1 })] });
    expect(late.attempts['Extract: Run']!.map(({ error }) => error)).toEqual(['States.Timeout', undefined]);
  });

  test('an answer without what it should have fails the run, at once', async () => {
    const run = await simulate(orders, { faults: [malformed('Extract')] });
    expect(run.status).toBe('FAILED');
    expect(run.alerts).toHaveLength(1);
  });

  test('an aborted run is told of by the rule, whatever state it is in', async () => {
    const run = await simulate(orders, { faults: [abortAt('Clean: Finish')] });
    expect(run.status).toBe('ABORTED');
    expect(run.entered.at(-1)).toBe('Clean: Finish');
    expect(by(run.alerts)).toEqual([expect.stringMatching(/^rule .*AlertRule/)]);
  });

  test('a run whose time is over is told of by the rule', async () => {
    const run = await simulate(orders, { faults: [expireAt('Load: Transaction')] });
    expect([run.status, run.ms]).toEqual(['TIMED_OUT', 24 * 3600 * 1000]);
    expect(by(run.alerts)).toEqual([expect.stringMatching(/^rule .*AlertRule/)]);
  });

  test('when the alert itself fails, the rule tells', async () => {
    const run = await simulate(orders, { faults: [fail('Extract'), fail('Alert: Publish')] });
    expect(by(run.alerts)).toEqual([expect.stringMatching(/^rule .*AlertRule/)]);
  });

  test('strike a Parallel, too, which tries again what it raises itself and nothing else', async () => {
    const own = await simulate(orders, { faults: [fail('Load: Transaction', { error: 'Redshift.StatementFailed', times: 1 })] });
    expect(own.attempts['Load: Transaction']).toHaveLength(2);
    const other = await simulate(orders, { faults: [fail('Load: Transaction')] });
    expect(other.attempts['Load: Transaction']).toHaveLength(1);
  });

  test.each([
    [fail('Lode'), /no state or step 'Lode' to fail; the machine has the states 'Run: Start', .* and the steps 'Extract', .*'Load'/],
    [fail('Load: Wait'), /'Load: Wait' is a Wait state, to which fail cannot happen/],
  ])('of what is not there are refused', async (fault, problem) => {
    await expect(simulate(orders, { faults: [fault] })).rejects.toThrow(problem);
  });

  test('that never strike are refused', () => {
    expect(() => fail('Load', { times: 0 })).toThrow("a fault of 'Load' strikes 0 times");
  });
});

describe('events', () => {
  test('are those of EventBridge: the start and the end of the execution', async () => {
    const { events } = await simulate(orders, { faults: [fail('Load')], name: 'run-1' });
    expect(events.map((event) => (event.detail as { status: string }).status)).toEqual(['RUNNING', 'FAILED']);
    expect(events[1]).toMatchObject({
      source: 'aws.states',
      detail: { name: 'run-1', error: 'Injected.Fault', cause: expect.stringMatching(/^\[alerted\] /) },
    });
  });
});
