import type { Arguments } from './parameters';
import type { Outcome, ResultSet, Value } from './session';

export type Status = 'SUBMITTED' | 'PICKED' | 'STARTED' | 'FINISHED' | 'FAILED' | 'ABORTED';

/** A statement of a batch, or the one statement of a lone call. */
interface Part {
  readonly sql: string;
  status: Status;
  startedAt?: number;
  duration: number;
  updatedAt: number;
  error?: string;
  outcome?: Outcome;
}

const PID = 1_073_741_824;

/** What the service remembers of a submitted statement or batch, and how it tells of it. */
export class StatementRecord {
  status: Status = 'SUBMITTED';
  error?: string;
  updatedAt: number;
  readonly parts: readonly Part[];
  readonly abort = new AbortController();
  private startedAt = 0;
  private duration = 0;

  constructor(
    readonly id: string,
    readonly request: Arguments,
    sqls: readonly string[],
    private readonly isBatch: boolean,
    private readonly queryId: number,
    readonly createdAt: number,
  ) {
    this.updatedAt = createdAt;
    this.parts = sqls.map((sql) => ({ sql, status: 'SUBMITTED', duration: -1, updatedAt: createdAt }));
  }

  get isRunning(): boolean {
    return this.status === 'SUBMITTED' || this.status === 'PICKED' || this.status === 'STARTED';
  }

  start(now: number): void {
    this.startedAt = performance.now();
    this.set('STARTED', now);
  }

  startPart(index: number, now: number): void {
    Object.assign(this.parts[index]!, { status: 'STARTED', startedAt: performance.now(), updatedAt: now });
  }

  finishPart(index: number, outcome: Outcome, now: number): void {
    this.endPart(index, 'FINISHED', now);
    this.parts[index]!.outcome = outcome;
  }

  /** Ends the whole; what had not ended by then counts as aborted. */
  end(status: Status, now: number, failure?: { readonly error: string; readonly index?: number }): void {
    if (failure) {
      const { error, index } = failure;
      this.error = this.isBatch && index !== undefined ? `Query #${index + 1} failed with ERROR: ${error}` : `ERROR: ${error}`;
      if (index !== undefined) {
        this.endPart(index, 'FAILED', now);
        this.parts[index]!.error = `ERROR: ${error}`;
      }
    }
    this.parts.forEach((part, index) => {
      if (part.status === 'SUBMITTED' || part.status === 'STARTED') this.endPart(index, 'ABORTED', now);
    });
    this.duration = this.startedAt === 0 ? 0 : nanoseconds(this.startedAt);
    this.set(status, now);
  }

  /** What the submitting call answers. */
  submitted(): Record<string, unknown> {
    return { ...this.target(), CreatedAt: iso(this.createdAt), Id: this.id, Status: 'SUBMITTED' };
  }

  /** What DescribeStatement answers. */
  describe(): Record<string, unknown> {
    const lone = this.isBatch ? undefined : this.parts[0];
    return {
      ...this.target(),
      CreatedAt: iso(this.createdAt),
      Duration: this.duration,
      ...(this.error === undefined ? {} : { Error: this.error }),
      HasResultSet: this.parts.some((part) => part.outcome?.result !== undefined),
      Id: this.id,
      ...(lone ? { QueryString: lone.sql } : {}),
      RedshiftPid: this.startedAt === 0 ? 0 : PID + this.queryId,
      RedshiftQueryId: lone && this.startedAt !== 0 ? this.queryId : 0,
      ...(lone ? counts(lone) : { ResultRows: -1, ResultSize: -1 }),
      Status: this.status,
      ...(lone ? {} : { SubStatements: this.parts.map((part, index) => this.describePart(part, index)) }),
      UpdatedAt: iso(this.updatedAt),
    };
  }

  private describePart(part: Part, index: number): Record<string, unknown> {
    return {
      CreatedAt: iso(this.createdAt),
      Duration: part.duration,
      ...(part.error === undefined ? {} : { Error: part.error }),
      HasResultSet: part.outcome?.result !== undefined,
      Id: `${this.id}:${index + 1}`,
      QueryString: part.sql,
      RedshiftQueryId: part.startedAt === undefined ? -1 : this.queryId + index,
      ...counts(part),
      Status: part.status,
      UpdatedAt: iso(part.updatedAt),
    };
  }

  private target(): Record<string, unknown> {
    const names = ['ClusterIdentifier', 'WorkgroupName', 'Database', 'DbUser', 'SecretArn'];
    return Object.fromEntries(names.filter((name) => this.request[name] !== undefined).map((name) => [name, this.request[name]]));
  }

  private endPart(index: number, status: Status, now: number): void {
    const part = this.parts[index]!;
    const duration = part.startedAt === undefined ? -1 : nanoseconds(part.startedAt);
    Object.assign(part, { status, duration, updatedAt: now });
  }

  private set(status: Status, now: number): void {
    this.status = status;
    this.updatedAt = now;
  }
}

/** What GetStatementResult answers for rows. */
export function resultPage({ columns, rows }: ResultSet): Record<string, unknown> {
  return {
    ColumnMetadata: columns.map(({ name, type }) => ({ Label: name, Name: name, TypeName: type.toLowerCase() })),
    Records: rows.map((row) => row.map((value, index) => field(value, columns[index]!.type))),
    TotalNumRows: rows.length,
  };
}

function field(value: Value, type: string): Record<string, unknown> {
  if (value === null) return { IsNull: true };
  if (typeof value === 'boolean') return { BooleanValue: value };
  if (/^(?:TINYINT|SMALLINT|INTEGER|BIGINT)$/.test(type)) return { LongValue: Number(value) };
  if (/^(?:FLOAT|DOUBLE)$/.test(type)) return { DoubleValue: Number(value) };
  return { StringValue: String(value) };
}

function counts({ outcome }: Part): Record<string, unknown> {
  return { ResultRows: outcome?.rows ?? -1, ResultSize: outcome?.result ? JSON.stringify(outcome.result.rows).length : outcome ? 0 : -1 };
}

function nanoseconds(since: number): number {
  return Math.max(1, Math.round((performance.now() - since) * 1e6));
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
