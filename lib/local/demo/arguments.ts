import { parseArgs } from 'node:util';
import { type Fault, parseFault } from '../faults';

/** What the demo is asked to do. */
export interface DemoArguments {
  readonly rows?: number;
  readonly out?: string;
  readonly fast: boolean;
  /** A table of the user's own, from a script. */
  readonly own?: { readonly script: string; readonly table: string; readonly key: string };
  readonly faults: readonly Fault[];
  /** The run input. */
  readonly input: object;
  /** The run whose rejected rows are cleaned again, in place of an input. */
  readonly replayRejects?: string;
  readonly json: boolean;
  /** The run as a diagram. */
  readonly mermaid: boolean;
  readonly help: boolean;
}

/** The command line is wrong; the message says what to type. */
export class UsageError extends Error {}

/** Reads the command line. */
export function parseArguments(argv: readonly string[]): DemoArguments {
  const values = parse(argv);
  const { 'source-sql': script, table, key, out } = values;
  if ((script === undefined) !== (table === undefined) || (script === undefined) !== (key === undefined)) {
    throw new UsageError('--source-sql FILE, --table NAME and --key COL[,COL] belong together; give all three or none');
  }
  if (script !== undefined && values.rows !== undefined) {
    throw new UsageError('--rows is for the generated orders; leave it out with --source-sql');
  }
  if (values.rows !== undefined && !/^\d{1,12}$/.test(values.rows))
    throw new UsageError(`--rows takes a whole number of at least 0, got '${values.rows}'`);
  if (key?.split(',').some((column) => column.trim() === '')) {
    throw new UsageError(`--key takes column names separated by commas, got '${key}'`);
  }
  if (values.json && values.mermaid) throw new UsageError('--json and --mermaid both ask for standard output; give one of them');
  return {
    rows: values.rows === undefined ? undefined : Number(values.rows),
    out,
    fast: values.fast ?? false,
    own: script === undefined ? undefined : { script, table: table!, key: key! },
    faults: (values.fail ?? []).map(toFault),
    input: toInput(values),
    replayRejects: values['replay-rejects'],
    json: values.json ?? false,
    mermaid: values.mermaid ?? false,
    help: values.help ?? false,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        rows: { type: 'string' },
        out: { type: 'string' },
        fast: { type: 'boolean' },
        'source-sql': { type: 'string' },
        table: { type: 'string' },
        key: { type: 'string' },
        fail: { type: 'string', multiple: true },
        resume: { type: 'string' },
        window: { type: 'string' },
        'dry-run': { type: 'boolean' },
        'replay-rejects': { type: 'string' },
        json: { type: 'boolean' },
        mermaid: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}; --help lists the flags`);
  }
}

/** What the flags ask of the run; a run of its own folder is needed to go on from. */
function toInput({ resume, window, out, 'dry-run': dryRun, 'replay-rejects': rejects }: ReturnType<typeof parse>): object {
  if (rejects !== undefined && (resume !== undefined || window !== undefined || dryRun)) {
    throw new UsageError('--replay-rejects extracts nothing; leave --resume, --window and --dry-run out');
  }
  if (rejects !== undefined && out === undefined) {
    throw new UsageError('--replay-rejects RUN_ID needs --out DIR, the folder of the run that rejected rows');
  }
  if (resume !== undefined && (window !== undefined || dryRun)) {
    throw new UsageError('--resume goes on with what was extracted; leave --window and --dry-run out');
  }
  if (resume !== undefined && out === undefined) throw new UsageError('--resume RUN_ID needs --out DIR, the folder of the run that failed');
  const [low, high, ...more] = window?.split(',') ?? [];
  if (window !== undefined && (!high || more.length > 0)) {
    throw new UsageError(`--window takes LOW,HIGH, as in 2026-01-31T00:00:00Z,2026-02-01T00:00:00Z, or ,HIGH for all before HIGH; got '${window}'`);
  }
  return {
    ...(resume !== undefined && { resume }),
    ...(window !== undefined && { window: { low: low === '' ? null : low, high } }),
    ...(dryRun && { dryRun }),
  };
}

function toFault(text: string): Fault {
  try {
    return parseFault(text);
  } catch (error) {
    throw new UsageError(`--fail: ${(error as Error).message}`);
  }
}

/** What `--help` prints. */
export function helpText(mainTasks: ReadonlyMap<string, string>): string {
  const width = Math.max(...[...mainTasks.keys()].map((step) => step.length));
  return `npm run demo -- [flags]

Synthesizes bin/app.ts and runs its state machine on this machine: PostgreSQL, the Lambda bundles, S3 on a folder, DuckDB for
Parquet and the warehouse. Nothing is sent anywhere.

  --rows N              rows of the generated orders table (default 10,000)
  --out DIR             folder for everything the run leaves; run again with it to go on with the same warehouse and watermark
                        (default: a new folder under the system's temporary folder)
  --fast                waits and retries on a virtual clock
  --source-sql FILE     load this script, as pg_dump writes it, and run the pipeline for one of its tables; with
    --table NAME        the table, schema.table or table
    --key COL[,COL]     the columns that identify a row
  --fail STEP[:TIMES[:ERROR]]
                        the step's main task fails that often (default once) with that error (default Injected.Fault); repeatable
  --resume RUN_ID       goes on where that run of the folder (--out) failed, with what it had extracted
  --window LOW,HIGH     extracts and loads this window again, and leaves the watermark where it is; ,HIGH is all before HIGH
  --replay-rejects RUN_ID
                        cleans what that run of the folder (--out) rejected again, by the rules as they are now, and loads it
  --dry-run             says what a run would extract, and writes nothing
  --json                one JSON object on standard output, nothing else
  --mermaid             the run as a Mermaid diagram on standard output, nothing else: its states with their tries, the failed ones marked
  --help                this text

Steps and their main tasks:
${[...mainTasks].map(([step, task]) => `  ${step.padEnd(width)}  ${task}`).join('\n')}
`;
}
