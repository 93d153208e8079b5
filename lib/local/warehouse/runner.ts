import type { Connection, Instance } from './duckdb';
import { redshiftMessage } from './errors';
import { type Outcome, Session } from './session';
import { runStatement } from './statement';
import { tokenize } from './tokenizer';
import { Changes, TableVersions } from './versions';

/** What happens to the statements of a batch while it runs. `index` counts from 0. */
export interface Observer {
  batchStarted?(): void;
  started?(index: number): void;
  finished?(index: number, outcome: Outcome): void;
}

interface Batch {
  readonly inBatch: boolean;
  /** When it began, counted in commits. */
  readonly since: number;
  readonly signal: AbortSignal | undefined;
  readonly observer: Observer;
}

export type BatchEnd =
  | { readonly status: 'FINISHED'; readonly outcomes: readonly Outcome[] }
  /** `index` is absent when it was the commit that failed. */
  | { readonly status: 'FAILED'; readonly error: string; readonly index?: number }
  | { readonly status: 'ABORTED' };

/** An error for a batch that is about to commit, or none. */
export type FailBatch = (sqls: readonly string[]) => string | undefined;

/** Runs batches one after the other, each in a session and a transaction of its own: all of it happens, or nothing. */
export class Runner {
  private last: Promise<unknown> = Promise.resolve();
  private readonly versions = new TableVersions();

  constructor(
    private readonly instance: Instance,
    private readonly resolveS3: (url: string) => string,
    private readonly failBatch: FailBatch = () => undefined,
  ) {}

  /** `inBatch` is false for a lone statement, for which statements are allowed that cannot be rolled back. */
  run(sqls: readonly string[], inBatch: boolean, signal?: AbortSignal, observer: Observer = {}): Promise<BatchEnd> {
    // a batch would have begun by now beside those before it; a lone statement waits
    const since = inBatch ? this.versions.now() : Number.POSITIVE_INFINITY;
    const end = this.last.then(() => this.transaction(sqls, { inBatch, since, signal, observer }));
    this.last = end.catch(() => undefined);
    return end;
  }

  /** Resolves once nothing runs. */
  async idle(): Promise<void> {
    await this.last;
  }

  private async transaction(sqls: readonly string[], { inBatch, since, signal, observer }: Batch): Promise<BatchEnd> {
    if (signal?.aborted) return { status: 'ABORTED' };
    observer.batchStarted?.();
    const connection = await this.instance.connect();
    const interrupt = () => connection.interrupt();
    signal?.addEventListener('abort', interrupt);
    let end: BatchEnd | undefined;
    try {
      const changes = new Changes(this.versions, since);
      const session = await Session.open(connection, inBatch, changes);
      await connection.run('BEGIN');
      end = await this.statements(sqls, session, signal, observer);
      if (end.status === 'FINISHED') end = await this.commit(connection, end, sqls, signal);
      if (end.status === 'FINISHED') this.versions.commit(changes.tables);
      return end;
    } catch (error) {
      if (signal?.aborted) return { status: 'ABORTED' };
      throw error;
    } finally {
      signal?.removeEventListener('abort', interrupt);
      // A connection that is only closed may keep its transaction until it is collected, in the way of the next one.
      if (end?.status !== 'FINISHED') await connection.run('ROLLBACK').catch(() => undefined);
      connection.closeSync();
    }
  }

  private async commit(connection: Connection, end: BatchEnd, sqls: readonly string[], signal: AbortSignal | undefined): Promise<BatchEnd> {
    if (signal?.aborted) return { status: 'ABORTED' };
    const failure = this.failBatch(sqls);
    if (failure !== undefined) return { status: 'FAILED', error: failure };
    try {
      await connection.run('COMMIT');
      return end;
    } catch (error) {
      return signal?.aborted ? { status: 'ABORTED' } : { status: 'FAILED', error: redshiftMessage(error, []) };
    }
  }

  private async statements(sqls: readonly string[], session: Session, signal: AbortSignal | undefined, observer: Observer): Promise<BatchEnd> {
    const outcomes: Outcome[] = [];
    for (const [index, sql] of sqls.entries()) {
      if (signal?.aborted) return { status: 'ABORTED' };
      observer.started?.(index);
      try {
        const outcome = await runStatement(sql, session, this.resolveS3);
        observer.finished?.(index, outcome);
        outcomes.push(outcome);
      } catch (error) {
        if (signal?.aborted) return { status: 'ABORTED' };
        return { status: 'FAILED', error: redshiftMessage(error, literalsOf(sql)), index };
      }
    }
    return { status: 'FINISHED', outcomes };
  }
}

function literalsOf(sql: string): string[] {
  try {
    return tokenize(sql).flatMap(({ kind, text }) => (kind === 'string' ? [text] : []));
  } catch {
    return [];
  }
}
