import { Duration } from 'aws-cdk-lib';

/** How an incremental extraction finds what changed. */
export interface IncrementalOptions {
  /**
   * How far behind the database's clock a window ends, so that transactions which commit late are not missed. Whole seconds.
   * @default Duration.minutes(5)
   */
  readonly lag?: Duration;
}

/**
 * Extracts only the rows that changed since the last run.
 *
 * At run time the window is half-open, `[low, high)`: `low` is the watermark of the last committed run, `high` the database's clock minus the
 * lag. The watermark moves where `extract.commit()` stands in the chain, after the load.
 */
export class Incremental {
  /**
   * By a `timestamp` or `timestamptz` column that is set on every insert and update, and is never NULL. An index on it keeps a run from reading
   * the whole table. A `timestamp` is read as UTC: rows stamped in a local time west of it would be missed.
   */
  public static by(column: string, options: IncrementalOptions = {}): Incremental {
    return new Incremental(column, options.lag ?? Duration.minutes(5));
  }

  private constructor(
    /** The column that says when a row last changed. */
    public readonly column: string,
    /** How far behind the database's clock a window ends. */
    public readonly lag: Duration,
  ) {
    if (!column) throw new Error('Incremental.by: the column is empty; name the column that says when a row last changed');
  }
}
