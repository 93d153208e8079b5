import { parseArgs } from 'node:util';
import { UsageError } from '../demo/arguments';

/** What the endpoint is asked to be. */
export interface StatesArguments {
  readonly port: number;
  readonly cdkOut?: string;
  readonly out?: string;
  readonly rows?: number;
  readonly script?: string;
  readonly help: boolean;
}

/** What `--help` prints. */
export const HELP = `npm run states -- [flags]

Runs Step Functions and the services behind it on this machine until Ctrl-C, with the state machines of an app deployed. Start them with
the aws command line or an SDK: --endpoint-url http://127.0.0.1:8083, any credentials. Nothing is sent anywhere.

  --port N              port of the endpoint on 127.0.0.1 (default 8083; 0 for any that is free)
  --cdk-out DIR         the app, as 'cdk synth' wrote it (default: bin/app.ts, synthesized now)
  --out DIR             folder for everything that runs leave (default: a new folder under the system's temporary folder)
  --rows N              rows of the generated orders table in the source database (default 10,000)
  --source-sql FILE     load this script into the source database instead, as pg_dump writes it
  --help                this text
`;

/** Reads the command line. */
export function parseStatesArguments(argv: readonly string[]): StatesArguments {
  const values = parse(argv);
  const { 'cdk-out': cdkOut, out, 'source-sql': script, help = false } = values;
  if (script !== undefined && values.rows !== undefined) {
    throw new UsageError('--rows is for the generated orders; leave it out with --source-sql');
  }
  return { port: integer('--port', values.port ?? '8083', 65_535)!, cdkOut, out, rows: integer('--rows', values.rows, 10 ** 12), script, help };
}

function integer(flag: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,13}$/.test(text) && Number(text) <= most) return Number(text);
  throw new UsageError(`${flag} takes a whole number from 0 to ${most.toLocaleString('en-US')}, got '${text}'`);
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        port: { type: 'string' },
        'cdk-out': { type: 'string' },
        out: { type: 'string' },
        rows: { type: 'string' },
        'source-sql': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}; --help lists the flags`);
  }
}
