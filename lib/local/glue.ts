import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TaskError } from '../engine';
import type { ParquetArguments } from '../runtime/contract';
import { type ConvertOptions, convert } from './glue/convert';

/** A Glue job as deployed, as far as a run needs it. */
export interface GlueJob {
  /** The script's file, as it lies in the synthesized output. */
  readonly scriptPath: string;
  readonly defaultArguments: Readonly<Record<string, string>>;
}

export interface GlueOptions extends ConvertOptions {
  /** By name. */
  readonly jobs: ReadonlyMap<string, GlueJob>;
  /** Milliseconds since the epoch, for the times in a job run. */
  readonly now?: () => number;
}

/** The script that {@link convert} stands in for, as it is shipped. */
export const SHIPPED_SCRIPT = join(__dirname, '..', '..', 'assets', 'glue', 'parquet.py');

const PARAMETERS: readonly string[] = [
  'AllocatedCapacity',
  'Arguments',
  'ExecutionClass',
  'ExecutionRoleSessionPolicy',
  'JobName',
  'JobRunQueuingEnabled',
  'MaxCapacity',
  'NotificationProperty',
  'NumberOfWorkers',
  'SecurityConfiguration',
  'Timeout',
  'WorkerType',
];

/**
 * Answers `glue:startJobRun.sync`: runs the job named in the arguments to its end and gives its job run. Only jobs with the shipped Parquet
 * script can run, because it is that script, and no other, that is done here with DuckDB.
 */
export function glueIntegration(options: GlueOptions): (args: Record<string, unknown>, signal: AbortSignal) => Promise<unknown> {
  const { jobs, now = Date.now } = options;
  return async (args, signal) => {
    const { JobName: name, Arguments: given = {}, Timeout: minutes } = checkParameters(args);
    const job = jobs.get(name);
    if (!job) throw new TaskError('Glue.EntityNotFoundException', `Failed to start job run due to missing metadata: job '${name}' does not exist`);
    const parameters = parquetArguments(name, job, given);

    const started = now();
    const run = (state: 'SUCCEEDED' | 'FAILED' | 'TIMEOUT' | 'STOPPED', error?: string) => {
      const ended = now();
      return {
        Id: `jr_${createHash('sha256').update(randomBytes(32)).digest('hex')}`,
        Attempt: 0,
        JobName: name,
        JobRunState: state,
        Arguments: given,
        StartedOn: started,
        LastModifiedOn: ended,
        CompletedOn: ended,
        ExecutionTime: Math.round((ended - started) / 1000),
        ...(error !== undefined && { ErrorMessage: error }),
      };
    };
    const failed = (state: 'FAILED' | 'TIMEOUT' | 'STOPPED', error: string) => new TaskError('States.TaskFailed', JSON.stringify(run(state, error)));

    const deadline = minutes === undefined ? undefined : AbortSignal.timeout(minutes * 60_000);
    try {
      await convert(parameters, deadline ? AbortSignal.any([signal, deadline]) : signal, options);
    } catch (error) {
      if (signal.aborted) throw failed('STOPPED', 'the job run was stopped');
      if (deadline?.aborted) throw failed('TIMEOUT', `the job run did not end within its ${minutes} minutes`);
      throw failed('FAILED', errorMessage(error));
    }
    return run('SUCCEEDED');
  };
}

interface StartJobRun {
  readonly JobName: string;
  readonly Arguments?: Readonly<Record<string, string>>;
  /** Minutes. */
  readonly Timeout?: number;
}

function checkParameters(args: Record<string, unknown>): StartJobRun {
  for (const name of Object.keys(args)) {
    if (!PARAMETERS.includes(name)) throw new TaskError('States.Runtime', `The field "${name}" is not supported by Step Functions`);
  }
  const { JobName: name, Arguments: given = {}, Timeout: minutes } = args;
  if (typeof name !== 'string') throw new TaskError('States.Runtime', 'The field "JobName" is required but was missing');
  if (typeof given !== 'object' || given === null || !Object.values(given).every((value) => typeof value === 'string')) {
    throw new TaskError('States.Runtime', 'The field "Arguments" must be an object whose values are text');
  }
  if (minutes !== undefined && !(Number.isInteger(minutes) && Number(minutes) >= 1)) {
    throw new TaskError('Glue.InvalidInputException', `Timeout should be a whole number of minutes of at least 1, got ${JSON.stringify(minutes)}`);
  }
  return args as unknown as StartJobRun;
}

/** The arguments as the script reads them: it ignores those it does not know, which are Glue's own. */
function parquetArguments(name: string, job: GlueJob, given: Readonly<Record<string, string>>): ParquetArguments {
  checkScript(name, job.scriptPath);
  const all = { ...job.defaultArguments, ...given };
  const missing = ['--source_manifest', '--output'].filter((argument) => all[argument] === undefined);
  if (missing.length > 0) {
    throw new TaskError('States.TaskFailed', `job '${name}' was started without ${missing.join(' and ')}; pass what ParquetArguments lists`);
  }
  return all as unknown as ParquetArguments;
}

function checkScript(name: string, path: string): void {
  if (!existsSync(SHIPPED_SCRIPT)) throw new Error(`'${SHIPPED_SCRIPT}' is missing; run 'npm run prepare'`);
  if (existsSync(path) && readFileSync(path).equals(readFileSync(SHIPPED_SCRIPT))) return;
  throw new Error(
    `a local run knows what the Parquet script of this release does and no other: job '${name}' has script '${path}'; ` +
      `synthesize again with this release, or answer job '${name}' in the local run yourself`,
  );
}

/** Errors of DuckDB that tell of files and memory; the messages of all others may quote rows. */
const TOLD = /^(?:IO|Out of Memory|Permission) Error\b/;
const DUCKDB_ERROR = /^[A-Z][A-Za-z ]* Error\b/;

function errorMessage(error: unknown): string {
  const { name, message } = error as Error;
  const kind = DUCKDB_ERROR.exec(message)?.[0];
  if (kind !== undefined && !TOLD.test(message)) return `DuckDB failed: ${kind}`;
  return name === 'Error' ? message : `${name}: ${message}`;
}
