import type { Connection, Instance } from './duckdb';
import { redshiftMessage } from './errors';
import { type Outcome, Session } from './session';
import { runStatement } from './statement';
import { tokenize } from './tokenizer';

/** What happens to the statements of a batch while it runs. `index` counts from 0. */
export interface Observer {
  batchStarted?(): void;
  started?(index: number): void;
  finished?(index: number, outcome: Outcome): void;
}

export type BatchEnd =
  | { readonly status: 'FINISHED'; readonly outcomes: readonly Outcome[] }
  /** `index` is absent when it was the commit that failed. */
  | { readonly status: 'FAILED'; readonly error: string; readonly index?: number }
  | { readonly status: 'ABORTED' };

/** Runs batches one after the other, each in a session and a transaction of its own: all of it happens, or nothing. */
export class Runner {
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly instance: Instance,
    private readonly resolveS3: (url: string) => string,
  ) {}

  /** `inBatch` is false for a lone statement, for which statements are allowed that cannot be rolled back. */
  run(sqls: readonly string[], inBatch: boolean, signal?: AbortSignal, observer: Observer = {}): Promise<BatchEnd> {
    const end = this.last.then(() => this.transaction(sqls, inBatch, signal, observer));
    this.last = end.catch(() => undefined);
    return end;
  }

  /** Resolves once nothing runs. */
  async idle(): Promise<void> {
    await this.last;
  }

  private async transaction(sqls: readonly string[], inBatch: boolean, signal: AbortSignal | undefined, observer: Observer): Promise<BatchEnd> {
    if (signal?.aborted) return { status: 'ABORTED' };
    observer.batchStarted?.();
    const connection = await this.instance.connect();
    const interrupt = () => connection.interrupt();
    signal?.addEventListener('abort', interrupt);
    try {
      const session = await Session.open(connection, inBatch);
      await connection.run('BEGIN');
      const end = await this.statements(sqls, session, signal, observer);
      return end.status === 'FINISHED' ? await commit(connection, end, signal) : end;
    } finally {
      signal?.removeEventListener('abort', interrupt);
      // What was not committed goes with the connection, temporary tables too.
      connection.closeSync();
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

async function commit(connection: Connection, end: BatchEnd, signal: AbortSignal | undefined): Promise<BatchEnd> {
  if (signal?.aborted) return { status: 'ABORTED' };
  try {
    await connection.run('COMMIT');
    return end;
  } catch (error) {
    return { status: 'FAILED', error: redshiftMessage(error, []) };
  }
}

function literalsOf(sql: string): string[] {
  try {
    return tokenize(sql).flatMap(({ kind, text }) => (kind === 'string' ? [text] : []));
  } catch {
    return [];
  }
}
