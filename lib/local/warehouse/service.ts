import { randomUUID } from 'node:crypto';
import { TaskError } from '../../engine';
import { type Arguments, checkId, checkNames, checkSubmit, invalid, type Operation } from './parameters';
import { resultPage, StatementRecord } from './record';
import type { Runner } from './runner';

/** Where the service takes its time from. On a virtual clock a running batch holds time still, as any work in flight does. */
export interface WarehouseClock {
  now(): number;
  inFlight?<T>(work: () => Promise<T>): Promise<T>;
}

/** How long a ClientToken names the statement it was first sent with. */
const TOKEN_MS = 8 * 60 * 60 * 1000;

/** The Redshift Data API: takes statements, runs them in the background, tells how they stand. A failing statement is a status, not an error of a call. */
export class DataApi {
  private readonly records = new Map<string, StatementRecord>();
  private readonly tokens = new Map<string, StatementRecord>();

  constructor(
    private readonly runner: Runner,
    private readonly clock: WarehouseClock,
  ) {}

  call(operation: Operation, args: Arguments): Record<string, unknown> {
    checkNames(operation, args);
    switch (operation) {
      case 'executeStatement':
      case 'batchExecuteStatement':
        return this.submit(operation, args);
      case 'describeStatement':
        return this.find(checkId(args)).describe();
      case 'cancelStatement':
        return this.cancel(this.find(checkId(args)));
      case 'getStatementResult':
        return this.result(checkId(args));
    }
  }

  /** Cancels whatever runs or waits. */
  cancelAll(): void {
    for (const record of this.records.values()) if (record.isRunning) this.cancel(record);
  }

  private submit(operation: 'executeStatement' | 'batchExecuteStatement', args: Arguments): Record<string, unknown> {
    const sqls = checkSubmit(operation, args);
    const now = this.clock.now();
    const token = args.ClientToken as string | undefined;
    const known = token === undefined ? undefined : this.tokens.get(token);
    if (known && now - known.createdAt < TOKEN_MS) return known.submitted();
    const isBatch = operation === 'batchExecuteStatement';
    const record = new StatementRecord(randomUUID(), args, sqls, isBatch, 1000 + this.records.size * 100, now);
    this.records.set(record.id, record);
    if (token !== undefined) this.tokens.set(token, record);
    void this.inFlight(() => this.run(record, sqls, isBatch));
    return record.submitted();
  }

  private async run(record: StatementRecord, sqls: readonly string[], isBatch: boolean): Promise<void> {
    const now = () => this.clock.now();
    try {
      const end = await this.runner.run(sqls, isBatch, record.abort.signal, {
        batchStarted: () => record.start(now()),
        started: (index) => record.startPart(index, now()),
        finished: (index, outcome) => record.finishPart(index, outcome, now()),
      });
      if (record.isRunning) record.end(end.status, now(), end.status === 'FAILED' ? end : undefined);
    } catch {
      record.end('FAILED', now(), { error: 'connection to the local warehouse was lost' });
    }
  }

  private cancel(record: StatementRecord): Record<string, unknown> {
    if (!record.isRunning) throw invalid(`Could not cancel a query that is already in ${record.status} state with ID: ${record.id}`);
    record.abort.abort();
    return { Status: true };
  }

  private result(id: string): Record<string, unknown> {
    const [, recordId = id, number] = /^(.*):(\d+)$/.exec(id) ?? [];
    const record = this.find(recordId);
    const part = record.parts[number === undefined ? 0 : Number(number) - 1];
    if (!part?.outcome?.result || record.status !== 'FINISHED') {
      throw new TaskError('RedshiftData.ResourceNotFoundException', 'Query does not have result. Please check query status with DescribeStatement.');
    }
    return resultPage(part.outcome.result);
  }

  private find(id: string): StatementRecord {
    const record = this.records.get(id);
    if (!record) throw new TaskError('RedshiftData.ResourceNotFoundException', 'Query does not exist.');
    return record;
  }

  private inFlight(work: () => Promise<void>): Promise<void> {
    return this.clock.inFlight ? this.clock.inFlight(work) : work();
  }
}
