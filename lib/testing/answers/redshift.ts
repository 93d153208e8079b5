import { TaskError, type TaskRequest } from '../../engine';
import type { Format } from '../../runtime/contract';
import { fields, list, optional, s3Url, text } from './checks';
import { requireShape } from './contract';
import type { Statement, World } from './world';

interface Submit {
  readonly Database: string;
  readonly ClientToken: string;
  readonly Sqls: readonly string[];
  readonly StatementName?: string;
  readonly WorkgroupName?: string;
  readonly ClusterIdentifier?: string;
  readonly SecretArn?: string;
  readonly DbUser?: string;
}

const submitShape = fields<Submit>({
  Database: text,
  ClientToken: text,
  Sqls: list(text),
  StatementName: optional(text),
  WorkgroupName: optional(text),
  ClusterIdentifier: optional(text),
  SecretArn: optional(text),
  DbUser: optional(text),
});
const MOST_STATEMENTS = 40;
const invalid = (problem: string) => new TaskError('RedshiftData.ValidationException', problem);

/** Takes a batch of statements. The same token names the same batch, however it went. */
export function submit(world: World, { arguments: args, state }: TaskRequest): unknown {
  const request = requireShape<Submit>(submitShape, args, 'Arguments', 'RedshiftData.ValidationException');
  const { WorkgroupName, ClusterIdentifier, ClientToken: token, Sqls: sqls } = request;
  if ((WorkgroupName === undefined) === (ClusterIdentifier === undefined)) throw invalid('give either WorkgroupName or ClusterIdentifier');
  if (sqls.length < 1 || sqls.length > MOST_STATEMENTS)
    throw invalid(`Sqls has ${sqls.length} statements, but must have from 1 to ${MOST_STATEMENTS}`);
  const known = world.statements.get(token);
  const statement = known ?? started(world, state, sqls);
  world.statements.set(token, statement);
  return { Id: statement.id, Database: request.Database, CreatedAt: new Date(statement.submitted).toISOString() };
}

function started(world: World, state: string, sqls: readonly string[]): Statement {
  const { clock, statements, options } = world;
  const fate = options.statements[[...statements.values()].filter((other) => other.state === state).length];
  const submitted = clock.now();
  const ends = fate === 'hangs' ? Number.POSITIVE_INFINITY : submitted + options.statementSeconds * 1000;
  const failure = fate === 'fails' ? 'ERROR: injected' : failureOf(world, sqls);
  return { id: `statement-${statements.size + 1}`, state, sqls, submitted, ends, failure, aborted: fate === 'aborts' };
}

function failureOf(world: World, sqls: readonly string[]): string | undefined {
  for (const sql of sqls) {
    const staged = stagedBy(sql, world);
    if (staged === undefined) continue;
    if (typeof staged === 'string') return staged;
    const counted = /COUNT\(\*\) = (\d+)/.exec(sqls.join('\n'))?.[1];
    if (counted !== undefined && Number(counted) !== staged) return `ERROR: count check failed: staged ${staged} rows, the manifest says ${counted}`;
  }
  return undefined;
}

const FORMATS: Readonly<Record<string, Format>> = { PARQUET: 'parquet', JSON: 'jsonl' };

/** How many rows a COPY stages, or what is wrong with it; undefined for any other statement. */
function stagedBy(sql: string, world: World): number | string | undefined {
  const [, url, format] = /^\s*COPY\b.*\bFROM\s+'([^']+)'.*?\bFORMAT AS\s+(\w+)/is.exec(sql) ?? [];
  if (url === undefined || format === undefined) return undefined;
  if (s3Url(url, 'COPY').length > 0 || !world.manifests.has(url)) return `ERROR: the manifest ${url} does not exist`;
  const { entries, format: written } = world.manifests.get(url)!;
  if (FORMATS[format] !== written) return `ERROR: COPY reads ${format}, the manifest lists ${written}`;
  return entries.reduce((sum, { meta }) => sum + meta.record_count, 0);
}

/** Tells how a batch stands. */
export function describe(world: World, { arguments: args }: TaskRequest): unknown {
  const statement = find(world, args);
  const Status = statusOf(world, statement);
  return {
    Id: statement.id,
    Status,
    ...(Status === 'FAILED' && { Error: statement.failure }),
    SubStatements: statement.sqls.map((sql, index) => {
      const staged = stagedBy(sql, world);
      return { Id: `${statement.id}:${index + 1}`, Status, ResultRows: Status === 'FINISHED' && typeof staged === 'number' ? staged : -1 };
    }),
  };
}

/** Cancels a batch that still runs. */
export function cancel(world: World, { arguments: args }: TaskRequest): unknown {
  const statement = find(world, args);
  const status = statusOf(world, statement);
  if (status !== 'STARTED') throw invalid(`Could not cancel a query that is already in ${status} state with ID: ${statement.id}`);
  statement.aborted = true;
  return { Status: true };
}

function find({ statements }: World, args: unknown): Statement {
  const { Id: id } = (args ?? {}) as { Id?: unknown };
  const found = [...statements.values()].find((statement) => statement.id === id);
  if (!found) throw new TaskError('RedshiftData.ResourceNotFoundException', 'Query does not exist.');
  return found;
}

function statusOf({ clock }: World, { ends, failure, aborted }: Statement): string {
  if (aborted) return 'ABORTED';
  if (clock.now() < ends) return 'STARTED';
  return failure === undefined ? 'FINISHED' : 'FAILED';
}
