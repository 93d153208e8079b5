import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { openWarehouse, type Row, type Warehouse, type WarehouseClock, type WarehouseOptions } from '../../lib/local/warehouse';

export interface Description {
  Status: string;
  Error?: string;
  [key: string]: unknown;
  SubStatements: Array<{ Id: string; Status: string; Error?: string; ResultRows: number; HasResultSet: boolean; Duration: number }>;
}

type Options = Pick<WarehouseOptions, 'clock' | 'failBatch'>;

/** A warehouse on a temporary folder, whose buckets are the folders in `s3`. */
export class TestWarehouse {
  private constructor(
    readonly folder: string,
    private opened: Warehouse,
    private readonly options: Options,
  ) {}

  static async open(clock?: WarehouseClock, failBatch?: WarehouseOptions['failBatch']): Promise<TestWarehouse> {
    const folder = mkdtempSync(join(tmpdir(), 'warehouse-'));
    return new TestWarehouse(folder, await openIn(folder, { clock, failBatch }), { clock, failBatch });
  }

  get warehouse(): Warehouse {
    return this.opened;
  }

  async reopen(): Promise<void> {
    await this.opened.close();
    this.opened = await openIn(this.folder, this.options);
  }

  async close(): Promise<void> {
    await this.opened.close();
    rmSync(this.folder, { recursive: true });
  }

  async call<T = Record<string, unknown>>(operation: string, args: Record<string, unknown>): Promise<T> {
    const handler = this.opened.integrations()[`aws-sdk:redshiftdata:${operation}`];
    return (await handler!(args, new AbortController().signal)) as T;
  }

  async submit(sqls: readonly string[], more: Record<string, unknown> = {}): Promise<string> {
    const { Id } = await this.call<{ Id: string }>('batchExecuteStatement', { WorkgroupName: 'wg', Database: 'dev', Sqls: sqls, ...more });
    return Id;
  }

  /** Describes until the statement has ended. */
  async ended(Id: string): Promise<Description> {
    for (;;) {
      const description = await this.call<Description>('describeStatement', { Id });
      if (!['SUBMITTED', 'PICKED', 'STARTED'].includes(description.Status)) return description;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Runs a batch to its end. */
  async batch(...sqls: string[]): Promise<Description> {
    return this.ended(await this.submit(sqls));
  }

  /** Runs a batch that must succeed. */
  async done(...sqls: string[]): Promise<Description> {
    const description = await this.batch(...sqls);
    if (description.Status !== 'FINISHED') throw new Error(`${description.Status}: ${description.Error}`);
    return description;
  }

  /** The error of a batch that must fail. */
  async error(...sqls: string[]): Promise<string> {
    const description = await this.batch(...sqls);
    expect(description.Status).toBe('FAILED');
    return description.Error!;
  }

  rows(sql: string): Promise<Row[]> {
    return this.opened.query(sql);
  }

  path(url: string): string {
    return pathIn(this.folder, url);
  }

  put(url: string, content: string | Buffer): void {
    mkdirSync(dirname(this.path(url)), { recursive: true });
    writeFileSync(this.path(url), content);
  }

  /** Writes JSON lines, gzip. */
  putLines(url: string, lines: readonly unknown[]): void {
    this.put(url, gzipSync(lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('')));
  }

  /** Writes what a query of DuckDB gives as Parquet. */
  async putParquet(url: string, query: string): Promise<void> {
    this.put(url, '');
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    await connection.run(`COPY (${query}) TO '${this.path(url)}' (FORMAT parquet)`);
    connection.closeSync();
    instance.closeSync();
  }

  /** Writes a manifest of these objects with their true lengths, each mandatory. */
  putManifest(url: string, ...objects: string[]): void {
    const entries = objects.map((object) => ({ url: object, mandatory: true, meta: { content_length: statSync(this.path(object)).size } }));
    this.put(url, JSON.stringify({ entries }));
  }
}

function openIn(folder: string, options: Options): Promise<Warehouse> {
  return openWarehouse({ file: join(folder, 'warehouse.duckdb'), resolveS3: (url) => pathIn(folder, url), ...options });
}

function pathIn(folder: string, url: string): string {
  return join(folder, 's3', url.slice('s3://'.length));
}
