import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { mermaidOf, type StateMark } from '../../asl/diagram';
import { mainTasks } from '../../asl/steps';
import { RealClock, VirtualClock } from '../../engine';
import { checkFaults } from '../faults';
import { objectFile, paths } from '../paths';
import { type LocalRun, runLocal } from '../run';
import { openWarehouse } from '../warehouse';
import { type DemoArguments, helpText, parseArguments, UsageError } from './arguments';
import { LiveStates, type Terminal } from './live';
import { rejectsByReason, replayOfRejects } from './rejects';
import { type Findings, planOf, report } from './report';
import { DEFAULT_ROWS, sourceOf, startSource } from './source';
import { synthesize } from './synthesize';
import { colored, count, duration, type Paint, plain } from './text';

/** What the demo needs of the process it runs in. */
export interface DemoProcess {
  /** The project's folder: the one with `cdk.json` and `bin/app.ts`. */
  readonly root: string;
  readonly argv: readonly string[];
  readonly stdout: Terminal;
  readonly stderr: Terminal;
  readonly color: boolean;
  /** Stops the run. */
  readonly abort: AbortSignal;
}

/** Runs the demo and answers the exit code: 0 for a run that succeeded, 1 for one that did not, 2 for a wrong command line. */
export async function demo(process: DemoProcess): Promise<number> {
  try {
    const args = parseArguments(process.argv);
    return args.help ? await help(process) : await runDemo(args, process);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

async function help({ root, stdout }: DemoProcess): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'cdk-data-pipeline-'));
  try {
    const { machines } = await synthesize(root, folder);
    stdout.write(helpText(mainTasks(machines[0]!.definition)));
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runDemo(args: DemoArguments, process: DemoProcess): Promise<number> {
  const out = args.out === undefined ? mkdtempSync(join(tmpdir(), 'cdk-data-pipeline-')) : resolve(args.out);
  const paint = process.color ? colored : plain;
  const quiet = args.json || args.mermaid;
  const say = (text: string) => quiet || process.stdout.write(text);
  const warn = (line: string) => process.stderr.write(`warning: ${line}\n`);

  say(`\n  ${paint('bold', 'cdk-data-pipeline')}: the synthesized state machine, on this machine\n\n`);
  const source = asUsage(() => sourceOf(out, { rows: args.rows, script: args.own?.script }));
  const context = args.own ? { 'source:table': args.own.table, 'source:key': args.own.key } : undefined;
  const deployment = await timed('synthesize', 'bin/app.ts', say, paint, () => synthesize(process.root, paths(out).cdkOut, context));
  const input = args.replayRejects === undefined ? args.input : asUsage(() => replayOfRejects(out, args.replayRejects!));
  asUsage(() => checkFaults(args.faults, deployment.machines[0]!.definition));
  const what = 'rows' in source ? `PostgreSQL, sales.orders, ${count(source.rows)} rows, some of them dirty` : `PostgreSQL, ${source.script}`;
  const database = await timed('source', what, say, paint, () => startSource(out, source, warn));
  try {
    say(`  ${'folder'.padEnd(12)}${out}\n\n`);
    const live = new LiveStates(process.stdout, paint);
    const run = await runLocal({
      deployment,
      out,
      clock: args.fast ? new VirtualClock(Date.now()) : new RealClock(),
      faults: args.faults,
      input,
      source: database,
      abort: process.abort,
      onProgress: quiet ? undefined : (states) => live.show(states),
    });
    if (args.json) process.stdout.write(`${JSON.stringify(asJson(run, out))}\n`);
    else if (args.mermaid) process.stdout.write(`${mermaidOf(deployment.machines[0]!.definition, run.states.map(asMark))}\n`);
    else {
      live.end(run.states);
      process.stdout.write(report(run, await findings(run, out, args), paint));
    }
    return run.status === 'SUCCEEDED' ? 0 : 1;
  } finally {
    await database.stop();
  }
}

/** What is wrong with what was asked for is the command line's fault. */
function asUsage<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** Says what is being prepared before it starts and how long it took after. */
async function timed<T>(title: string, what: string, say: (text: string) => unknown, paint: Paint, work: () => Promise<T>): Promise<T> {
  const started = Date.now();
  say(`  ${title.padEnd(12)}${what}`);
  try {
    return await work();
  } finally {
    say(` ${paint('dim', `(${duration(Date.now() - started)})`)}\n`);
  }
}

/** A step that a run did not come to let no row through. */
const NOTHING = { extracted: 0, cleaned: 0, rejected: 0, deduplicated: 0, converted: 0, loaded: 0 };

function asMark({ name, attempts, status }: LocalRun['states'][number]): StateMark {
  return { name, attempts, failed: status === 'failed' };
}

function asJson({ status, runId, output, error, cause, states, transitions, counts, alerts, notifications }: LocalRun, out: string): object {
  const plan = planOf(output);
  return {
    status,
    runId,
    ...(plan && { plan }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
    states: states.map(({ name, attempts, ms }) => ({ name, attempts, ms })),
    transitions,
    counts: { ...NOTHING, ...counts },
    alerts,
    notifications,
    out,
  };
}

async function findings(run: LocalRun, out: string, args: DemoArguments): Promise<Findings> {
  return {
    out,
    virtual: args.fast,
    rejects: run.dataset?.rejects === undefined ? [] : await rejectsByReason(out, run.dataset.rejects),
    loaded: run.status === 'SUCCEEDED' ? await look(run.table, out) : undefined,
    again: ['npm run demo --', `--out ${out}`, ...rest(args)].join(' '),
  };
}

function rest({ own, fast, rows }: DemoArguments): string[] {
  return [
    ...(own ? [`--source-sql ${own.script}`, `--table ${own.table}`, `--key ${own.key}`] : []),
    ...(rows === undefined || rows === DEFAULT_ROWS ? [] : [`--rows ${rows}`]),
    ...(fast ? ['--fast'] : []),
  ];
}

/** A look at the table that the run loaded; none was if there was nothing to load. */
async function look(table: string | undefined, out: string): Promise<Findings['loaded']> {
  if (table === undefined) return undefined;
  const warehouse = await openWarehouse({ file: paths(out).warehouse, resolveS3: (url) => objectFile(out, url) });
  try {
    const [{ rows } = { rows: 0 }] = await warehouse.query(`SELECT COUNT(*) AS rows FROM ${table}`);
    return { table: table.replaceAll('"', ''), rows: Number(rows), sample: await warehouse.query(`SELECT * FROM ${table} ORDER BY 1 LIMIT 5`) };
  } finally {
    await warehouse.close();
  }
}
