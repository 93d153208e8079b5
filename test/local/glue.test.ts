import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBConnection } from '@duckdb/node-api';
import { TaskError } from '../../lib/engine';
import { glueIntegration, SHIPPED_SCRIPT } from '../../lib/local/glue';
import type * as duckdb from '../../lib/local/glue/duckdb';
import { column, Lake } from './glue/support';

let lake: Lake;
beforeEach(() => {
  lake = new Lake();
});
afterEach(() => {
  jest.restoreAllMocks();
  lake.remove();
});

const ARGUMENTS = { '--source_manifest': 's3://lake/in/manifest.json', '--output': 's3://lake/out' };

function start(args: Record<string, unknown>, { scriptPath = SHIPPED_SCRIPT, signal = new AbortController().signal } = {}): Promise<unknown> {
  const jobs = new Map([['convert', { scriptPath, defaultArguments: { '--enable-metrics': 'true', '--partition_by': 'day' } }]]);
  return glueIntegration({ resolveS3: lake.resolveS3, jobs, now: () => 1_700_000_000_000 })(args, signal);
}

async function errorOf(run: Promise<unknown>): Promise<TaskError> {
  const error = await run.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(TaskError);
  return error as TaskError;
}

test('a job that succeeds gives its job run, with the arguments it was started with', async () => {
  lake.dataset([column('day', 'date')], [[['2024-01-01']]]);
  expect(await start({ JobName: 'convert', Arguments: ARGUMENTS, Timeout: 5 })).toEqual({
    Id: expect.stringMatching(/^jr_[0-9a-f]{64}$/),
    Attempt: 0,
    JobName: 'convert',
    JobRunState: 'SUCCEEDED',
    Arguments: ARGUMENTS,
    StartedOn: 1_700_000_000_000,
    LastModifiedOn: 1_700_000_000_000,
    CompletedOn: 1_700_000_000_000,
    ExecutionTime: 0,
  });
  expect(lake.keys()).toContain('day=2024-01-01/part-00000.parquet');
});

test('arguments of the run go before those of the job', async () => {
  lake.dataset([column('day', 'date')], [[['2024-01-01']]]);
  await start({ JobName: 'convert', Arguments: { ...ARGUMENTS, '--partition_by': '' } });
  expect(lake.keys()).toContain('part-00000.parquet');
});

test('a job that fails is States.TaskFailed, its cause the job run with the message and without a value', async () => {
  lake.dataset([column('day', 'date')], [[['secret']]]);
  const { error, cause } = await errorOf(start({ JobName: 'convert', Arguments: ARGUMENTS }));
  expect(error).toBe('States.TaskFailed');
  expect(JSON.parse(cause!)).toMatchObject({
    JobRunState: 'FAILED',
    JobName: 'convert',
    ErrorMessage: expect.stringMatching(/^CorruptInput: values that are not of the type of their column, by column: 'day' date: 1;/),
  });
  expect(cause).not.toContain('secret');
});

test('a manifest that is not there fails the job', async () => {
  const { cause } = await errorOf(start({ JobName: 'convert', Arguments: ARGUMENTS }));
  expect(JSON.parse(cause!).ErrorMessage).toContain('ENOENT');
});

test.each([
  ["Conversion Error: Could not convert string 'secret' to INT32", 'DuckDB failed: Conversion Error'],
  ['IO Error: Could not write file: No space left on device', 'IO Error: Could not write file: No space left on device'],
  ['Out of Memory Error: failed to allocate', 'Out of Memory Error: failed to allocate'],
])('of what DuckDB says only that is told which quotes no row: %s', async (message, told) => {
  lake.dataset([column('day', 'date')], [[['2024-01-01']]]);
  jest.spyOn(DuckDBConnection.prototype, 'runAndReadAll').mockRejectedValue(new Error(message));
  const { cause } = await errorOf(start({ JobName: 'convert', Arguments: ARGUMENTS }));
  expect(JSON.parse(cause!).ErrorMessage).toBe(told);
});

test('a job that is not deployed is an EntityNotFoundException', async () => {
  const { error, cause } = await errorOf(start({ JobName: 'other' }));
  expect(error).toBe('Glue.EntityNotFoundException');
  expect(cause).toContain("job 'other'");
});

test.each([
  [{ JobName: 'convert', Argument: {} }, 'States.Runtime', 'The field "Argument" is not supported by Step Functions'],
  [{ JobName: 'convert', JobRunId: 'jr_1' }, 'States.Runtime', 'The field "JobRunId" is not supported by Step Functions'],
  [{}, 'States.Runtime', 'The field "JobName" is required but was missing'],
  [{ JobName: 'convert', Arguments: { '--output': 1 } }, 'States.Runtime', 'The field "Arguments" must be an object whose values are text'],
  [{ JobName: 'convert', Timeout: 0 }, 'Glue.InvalidInputException', 'Timeout should be a whole number of minutes of at least 1, got 0'],
  [{ JobName: 'convert', Arguments: {} }, 'States.TaskFailed', "job 'convert' was started without --source_manifest and --output; pass what"],
])('parameters %j are refused', async (args, name, message) => {
  const { error, cause } = await errorOf(start(args));
  expect(error).toBe(name);
  expect(cause).toContain(message);
});

test('another script than the shipped one is refused, because nothing here knows what it does', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'script-'));
  const scriptPath = join(directory, 'mine.py');
  writeFileSync(scriptPath, 'print("mine")\n');
  const run = start({ JobName: 'convert', Arguments: ARGUMENTS }, { scriptPath });
  await expect(run).rejects.toThrow(`job 'convert' has script '${scriptPath}'`);
  await expect(run).rejects.not.toBeInstanceOf(TaskError);
  rmSync(directory, { recursive: true });
});

test('a run past its Timeout ends as TIMEOUT', async () => {
  lake.dataset([column('day', 'date')], [[['2024-01-01']]]);
  jest.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort());
  const { error, cause } = await errorOf(start({ JobName: 'convert', Arguments: ARGUMENTS, Timeout: 2 }));
  expect(AbortSignal.timeout).toHaveBeenCalledWith(120_000);
  expect([error, JSON.parse(cause!).JobRunState]).toEqual(['States.TaskFailed', 'TIMEOUT']);
  expect(() => lake.keys()).toThrow('ENOENT');
});

test('a run that nobody waits for any more is stopped while it works, and writes nothing', async () => {
  const rows = Array.from({ length: 200_000 }, (_, index) => [`2024-01-0${1 + (index % 9)}`]);
  lake.dataset([column('day', 'date')], [rows]);
  const controller = new AbortController();
  const interrupt = jest.spyOn(DuckDBConnection.prototype, 'interrupt');
  const { runAndReadAll } = DuckDBConnection.prototype;
  jest.spyOn(DuckDBConnection.prototype, 'runAndReadAll').mockImplementation(function (this: DuckDBConnection, sql) {
    const result = runAndReadAll.call(this, sql);
    controller.abort();
    return result;
  });
  const { cause } = await errorOf(start({ JobName: 'convert', Arguments: ARGUMENTS }, { signal: controller.signal }));
  expect(JSON.parse(cause!).JobRunState).toBe('STOPPED');
  expect(interrupt).toHaveBeenCalledTimes(1);
  expect(() => lake.keys()).toThrow('ENOENT');
});

test('without DuckDB the error says what to install', async () => {
  jest.resetModules();
  jest.doMock('@duckdb/node-api', () => {
    throw Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' });
  });
  const { openDuckdb } = jest.requireActual<typeof duckdb>('../../lib/local/glue/duckdb');
  await expect(openDuckdb('/tmp', '100MB')).rejects.toThrow("run 'npm i -D @duckdb/node-api'");
  jest.dontMock('@duckdb/node-api');
});
