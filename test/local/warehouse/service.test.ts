import { type TaskError, VirtualClock } from '../../../lib/engine';
import { TestWarehouse } from '../../support/warehouse';

const HOUR = 3_600_000;
let now: number;
let on: TestWarehouse;
beforeEach(async () => {
  now = Date.UTC(2026, 0, 1);
  on = await TestWarehouse.open({ now: () => now });
});
afterEach(() => on.close());

const TARGET = { WorkgroupName: 'wg', Database: 'dev' };
const refusal = (operation: string, args: Record<string, unknown>) =>
  on.call(operation, args).then(
    () => undefined,
    (error: TaskError) => ({ error: error.error, cause: error.cause }),
  );

/** A query that runs until it is cancelled. */
async function submitEndless(): Promise<string> {
  await on.putParquet('s3://b/n.parquet', 'SELECT range::INTEGER AS n FROM range(1000000)');
  await on.done('CREATE TABLE n (n integer)', "COPY n FROM 's3://b/n.parquet' IAM_ROLE default PARQUET", 'CREATE TABLE kept (a int)');
  return on.submit(['INSERT INTO kept VALUES (1)', 'SELECT count(*) FROM n a, n b WHERE a.n + b.n < 0']);
}

async function started(Id: string): Promise<void> {
  while ((await on.call('describeStatement', { Id })).Status !== 'STARTED') await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, 100));
}

describe('submitting', () => {
  test('returns at once, before anything ran', async () => {
    const answer = await on.call('executeStatement', { ...TARGET, Sql: 'SELECT 1', DbUser: 'loader' });
    expect(answer).toEqual({
      ...TARGET,
      DbUser: 'loader',
      Id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      Status: 'SUBMITTED',
      CreatedAt: '2026-01-01T00:00:00.000Z',
    });
    expect((await on.ended(answer.Id as string)).Status).toBe('FINISHED');
  });

  test('with the same token names the same statement for eight hours', async () => {
    await on.done('CREATE TABLE t (a int)');
    const submit = () => on.submit(['INSERT INTO t VALUES (1)'], { ClientToken: 'token-1' });
    const first = await submit();
    now += 8 * HOUR - 1;
    expect(await submit()).toBe(first);
    now += 1;
    const second = await submit();
    expect(second).not.toBe(first);
    await on.ended(second);
    expect(await on.rows('SELECT count(*) AS n FROM t')).toEqual([{ n: '2' }]);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['no target', { Database: 'dev', Sqls: ['SELECT 1'] }, 'Exactly one of WorkgroupName and ClusterIdentifier'],
    ['two targets', { ...TARGET, ClusterIdentifier: 'c', Sqls: ['SELECT 1'] }, 'Exactly one of WorkgroupName and ClusterIdentifier'],
    ['no database', { WorkgroupName: 'wg', Sqls: ['SELECT 1'] }, 'Database is required'],
    ['no statement', { ...TARGET, Sqls: [] }, 'Sqls must hold from 1 to 40 statements, got 0'],
    ['41 statements', { ...TARGET, Sqls: Array(41).fill('SELECT 1') }, 'got 41'],
    ['a statement over 100 KB', { ...TARGET, Sqls: [`SELECT '${'é'.repeat(51_200)}'`] }, 'at most 102400 (100 KB)'],
    ['an empty token', { ...TARGET, Sqls: ['SELECT 1'], ClientToken: '' }, 'ClientToken must be a text of 1 to 64 characters, got 0'],
    ['a long token', { ...TARGET, Sqls: ['SELECT 1'], ClientToken: 'x'.repeat(65) }, 'got 65'],
    ['a long name', { ...TARGET, Sqls: ['SELECT 1'], StatementName: 'x'.repeat(2049) }, 'StatementName must be a text of 0 to 2048'],
  ])('with %s is a ValidationException', async (_, args, cause) => {
    expect(await refusal('batchExecuteStatement', args)).toEqual({
      error: 'RedshiftData.ValidationException',
      cause: expect.stringContaining(cause),
    });
  });

  test('takes 40 statements, 100 KB and a token of 64 characters', async () => {
    const sqls = [...Array(39).fill('SELECT 1'), `SELECT '${'x'.repeat(102_391)}'`];
    expect((await on.ended(await on.submit(sqls, { ClientToken: 'x'.repeat(64) }))).Status).toBe('FINISHED');
  });

  test('refuses parameters that Step Functions does not know, and those not emulated here', async () => {
    expect(await refusal('executeStatement', { ...TARGET, Sql: 'SELECT 1', Sqls: [] })).toEqual({
      error: 'States.Runtime',
      cause: 'The field "Sqls" is not supported by Step Functions',
    });
    expect((await refusal('executeStatement', { ...TARGET, Sql: 'SELECT 1', SessionId: 'x' }))?.cause).toContain('not known to the local warehouse');
    expect((await refusal('executeStatement', { ...TARGET, Sql: 'SELECT 1', WithEvent: true }))?.cause).toContain('WithEvent true');
    expect((await refusal('batchExecuteStatement', { ...TARGET, Sqls: ['SELECT 1'], ExecutionMode: 'AUTO_COMMIT' }))?.cause).toContain('AUTO_COMMIT');
  });
});

describe('describing', () => {
  test('tells of a lone statement', async () => {
    const { Id } = await on.call('executeStatement', { ClusterIdentifier: 'c', Database: 'dev', Sql: 'SELECT 1 AS one' });
    expect(await on.ended(Id as string)).toEqual({
      Id,
      ClusterIdentifier: 'c',
      Database: 'dev',
      QueryString: 'SELECT 1 AS one',
      Status: 'FINISHED',
      HasResultSet: true,
      ResultRows: 1,
      ResultSize: expect.any(Number),
      Duration: expect.any(Number),
      RedshiftPid: expect.any(Number),
      RedshiftQueryId: expect.any(Number),
      CreatedAt: '2026-01-01T00:00:00.000Z',
      UpdatedAt: '2026-01-01T00:00:00.000Z',
    });
  });

  test('numbers the statements of a batch and times them in nanoseconds', async () => {
    const { Id, SubStatements } = await on.done('CREATE TABLE t (a int)', 'INSERT INTO t VALUES (1), (2)', 'SELECT * FROM t');
    expect(SubStatements.map((sub) => sub.Id)).toEqual([`${Id}:1`, `${Id}:2`, `${Id}:3`]);
    expect(SubStatements.map((sub) => [sub.ResultRows, sub.HasResultSet])).toEqual([
      [-1, false],
      [2, false],
      [2, true],
    ]);
    for (const { Duration } of SubStatements) expect(Duration).toBeGreaterThan(1000);
  });

  test('gives a SQL failure as status and text, not as an error of a call', async () => {
    const { Id } = await on.call('executeStatement', { ...TARGET, Sql: 'SELEC 1' });
    expect(await on.ended(Id as string)).toMatchObject({ Status: 'FAILED', Error: expect.stringContaining('ERROR: statement SELEC is not known') });
  });

  test('of an unknown id is a ResourceNotFoundException', async () => {
    for (const operation of ['describeStatement', 'cancelStatement', 'getStatementResult']) {
      expect((await refusal(operation, { Id: 'nothing' }))?.error).toBe('RedshiftData.ResourceNotFoundException');
    }
  });
});

describe('results', () => {
  test('come as the service types them', async () => {
    const { Id } = await on.done('SELECT 1 AS a, 9007199254740993 AS b, 1.50::decimal(4,2) AS c, true AS d, NULL::int AS e, 0.5::float AS f');
    expect(await on.call('getStatementResult', { Id: `${Id as string}:1` })).toMatchObject({
      TotalNumRows: 1,
      Records: [
        [
          { LongValue: 1 },
          { LongValue: Number('9007199254740993') },
          { StringValue: '1.50' },
          { BooleanValue: true },
          { IsNull: true },
          { DoubleValue: 0.5 },
        ],
      ],
    });
  });

  test('of a statement without rows are not there', async () => {
    const { Id } = await on.done('CREATE TABLE t (a int)');
    expect((await refusal('getStatementResult', { Id: `${Id as string}:1` }))?.error).toBe('RedshiftData.ResourceNotFoundException');
  });
});

describe('cancelling', () => {
  test('a running batch aborts it and rolls it back', async () => {
    const Id = await submitEndless();
    await started(Id);
    expect(await on.call('cancelStatement', { Id })).toEqual({ Status: true });
    const description = await on.ended(Id);
    expect(description).toMatchObject({ Status: 'ABORTED' });
    expect(description.SubStatements.map(({ Status }) => Status)).toEqual(['FINISHED', 'ABORTED']);
    expect(await on.rows('SELECT * FROM kept')).toEqual([]);
  });

  test('a waiting batch keeps it from running', async () => {
    const running = await submitEndless();
    const waiting = await on.submit(['INSERT INTO kept VALUES (2)']);
    expect((await on.call('describeStatement', { Id: waiting })).Status).toBe('SUBMITTED');
    await on.call('cancelStatement', { Id: waiting });
    await on.call('cancelStatement', { Id: running });
    expect((await on.ended(waiting)).Status).toBe('ABORTED');
    expect(await on.rows('SELECT * FROM kept')).toEqual([]);
  });

  test('what has ended is a ValidationException', async () => {
    const { Id } = await on.done('SELECT 1');
    expect(await refusal('cancelStatement', { Id })).toEqual({
      error: 'RedshiftData.ValidationException',
      cause: `Could not cancel a query that is already in FINISHED state with ID: ${Id as string}`,
    });
  });

  test('happens on close, so that closing does not wait for a long query', async () => {
    await started(await submitEndless());
    await on.reopen();
    expect(await on.rows('SELECT * FROM kept')).toEqual([]);
  });
});

test('a virtual clock stands still while a batch runs', async () => {
  const clock = new VirtualClock();
  const virtual = await TestWarehouse.open(clock);
  const begin = clock.now();
  const Id = await virtual.submit(['CREATE TABLE t (a int)', 'INSERT INTO t VALUES (1)']);
  let polls = 0;
  for (let status: unknown = 'SUBMITTED'; status !== 'FINISHED'; polls++) {
    await clock.sleep(2000);
    status = (await virtual.call('describeStatement', { Id })).Status;
  }
  expect([polls, clock.now() - begin]).toEqual([1, 2000]);
  await virtual.close();
});
