import { openDuckdb } from './duckdb';
import { SqlError } from './errors';
import type { Operation } from './parameters';
import { type FailBatch, Runner } from './runner';
import { DataApi, type WarehouseClock } from './service';
import { Session, type Value } from './session';
import { foldName } from './tokenizer';
import { Changes, TableVersions } from './versions';

export type { WarehouseClock } from './service';

/** A row by column name. Values are exact: bigint, decimal, dates and times are texts, the others what JavaScript has for them. */
export type Row = Record<string, Value>;

/** A column of a table with its Redshift type, spelled as in the contract: `varchar(20)`, `decimal(12,2)`, `timestamptz`. */
export interface WarehouseColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
}

export interface WarehouseOptions {
  /** The DuckDB database file; made if it is not there. One process at a time can have it open. */
  readonly file: string;
  /** The plain file that an object `s3://bucket/key` is here. */
  readonly resolveS3: (url: string) => string;
  /** @default - the time of this machine */
  readonly clock?: WarehouseClock;
  /** Fails a batch when it is about to commit, with the error that this gives for its statements. @default - none fails so */
  readonly failBatch?: FailBatch;
}

/** A Redshift warehouse on this machine: the Data API for state machines, and a direct look for people and tests. */
export interface Warehouse {
  /** The handlers of Step Functions' Redshift Data integrations, by resource suffix. */
  integrations(): Record<string, (args: Record<string, unknown>, signal: AbortSignal) => Promise<unknown>>;
  /** Runs one statement of Redshift's SQL in a transaction of its own, after whatever runs now. */
  query(sql: string): Promise<Row[]>;
  /** The columns of a table, or undefined if there is no such table. */
  describeTable(schema: string, table: string): Promise<WarehouseColumn[] | undefined>;
  /** Cancels what runs, then closes the file. */
  close(): Promise<void>;
}

const OPERATIONS: readonly Operation[] = ['executeStatement', 'batchExecuteStatement', 'describeStatement', 'cancelStatement', 'getStatementResult'];

/** Opens a warehouse that speaks Redshift's SQL on DuckDB, enforces what Redshift enforces, and refuses what it cannot do faithfully. */
export async function openWarehouse({ file, resolveS3, clock = Date, failBatch }: WarehouseOptions): Promise<Warehouse> {
  const instance = await openDuckdb(file);
  const setup = await instance.connect();
  await setup.run('CREATE SCHEMA IF NOT EXISTS public');
  setup.closeSync();
  const runner = new Runner(instance, resolveS3, failBatch);
  const api = new DataApi(runner, clock);
  return {
    integrations: () =>
      Object.fromEntries(OPERATIONS.map((operation) => [`aws-sdk:redshiftdata:${operation}`, async (args) => api.call(operation, args)])),
    query: async (sql) => {
      const end = await runner.run([sql], false);
      if (end.status === 'FAILED') throw new SqlError(`ERROR: ${end.error}`);
      const result = end.status === 'FINISHED' ? end.outcomes[0]?.result : undefined;
      return (result?.rows ?? []).map((row) => Object.fromEntries(row.map((value, index) => [result!.columns[index]!.name, value])));
    },
    describeTable: async (schema, table) => {
      const connection = await instance.connect();
      try {
        const versions = new TableVersions();
        const session = await Session.open(connection, false, new Changes(versions, versions.now()));
        const columns = await session.findColumns({ schema: foldName(schema), name: foldName(table) });
        return columns?.map(({ name, type, nullable }) => ({ name, type: type.name, nullable }));
      } finally {
        connection.closeSync();
      }
    },
    close: async () => {
      api.cancelAll();
      await runner.idle();
      instance.closeSync();
    },
  };
}
