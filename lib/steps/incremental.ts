import { Duration } from 'aws-cdk-lib';

/** How an incremental extraction finds what changed. */
export interface IncrementalOptions {
  /**
   * How far behind the database's clock a window ends, so that transactions which commit late are not missed. Whole seconds.
   * @default Duration.minutes(5)
   */
  readonly lag?: Duration;

  /**
   * How far each window reaches back before the end of the last one, for transactions that commit even later than the lag. Whole seconds. Rows
   * in it are extracted again: an upsert takes them as they are, an append replaces them.
   * @default Duration.seconds(0)
   */
  readonly overlap?: Duration;
}

/** How an incremental extraction by key finds what is new. */
export interface IncrementalKeyOptions {
  /**
   * How long transactions that write to the table are waited for, since they may commit lower keys than those that can be seen. When they take
   * longer, the window is empty and a later run has their rows. Whole seconds.
   * @default Duration.minutes(1)
   */
  readonly wait?: Duration;

  /**
   * How many keys each window reaches back before the end of the last one. No transaction is waited for then: lower keys that are committed later are
   * taken up to this distance. Needed on a replica, and for keys that are handed out ahead of the insert (a sequence with CACHE, an ORM's pool).
   * @default 0
   */
  readonly overlap?: number;
}

/**
 * Extracts only the rows that changed since the last run.
 *
 * At run time the window is half-open, `[low, high)`: `low` is the watermark of the last committed run, `high` the database's clock minus the
 * lag, on a replica never past what it has replayed. The watermark moves where `extract.commit()` stands in the chain, after the load.
 */
export class Incremental {
  /**
   * By a `timestamp` or `timestamptz` column that is set on every insert and update, and is never NULL. An index on it keeps a run from reading
   * the whole table. A `timestamp` is read as UTC: rows stamped in a local time west of it would be missed.
   *
   * A change is extracted if it is committed no later than `lag` and `overlap` together after the time in its column, by the database's clock: how
   * long transactions last counts, and how far an application's clock is behind. What is later is taken by a replay of its window, or when the row
   * changes again. No change of a row may have an earlier time than the one before it, since the warehouse keeps the later time. A trigger that sets
   * `greatest(clock_timestamp(), OLD.updated_at)` sees to that; `now()` does not, which is when the transaction began.
   */
  public static by(column: string, options: IncrementalOptions = {}): Incremental {
    return new Incremental('by', column, options.lag ?? Duration.minutes(5), (options.overlap ?? Duration.seconds(0)).toSeconds());
  }

  /**
   * By an increasing integer column, such as `bigserial` or an identity column, of a table whose rows are inserted and never changed: an update is not
   * seen. Every key that the insert itself took from its sequence is extracted once it is committed.
   */
  public static byKey(column: string, options: IncrementalKeyOptions = {}): Incremental {
    return new Incremental('byKey', column, options.wait ?? Duration.minutes(1), options.overlap ?? 0);
  }

  private constructor(
    private readonly method: 'by' | 'byKey',
    /** The column that says when a row last changed, or in which order rows came. */
    public readonly column: string,
    /** How far behind the database's clock a window ends; by key, how long transactions are waited for. */
    public readonly lag: Duration,
    private readonly overlap: number,
  ) {
    if (!column) throw new Error(`Incremental.${method}: the column is empty; name the column that says what is new`);
    if (!Number.isInteger(overlap) || overlap < 0) {
      throw new Error(`Incremental.${method}: overlap is ${overlap}; it must be a whole number, 0 or more`);
    }
  }

  /** @internal */
  public _render(): { kind?: string; lagSeconds: number; overlap?: number } {
    return { lagSeconds: this.lag.toSeconds(), kind: this.method === 'byKey' ? 'key' : undefined, overlap: this.overlap || undefined };
  }
}
