import { describeName, type TableName } from './cursor';
import { SqlError } from './errors';

/**
 * Which commit changed a table last. Batches run one after the other here and beside each other on Redshift, where a transaction that changes
 * rows of a table fails if another one changed the table since it began. Rows that are only added conflict with nothing.
 */
export class TableVersions {
  private commits = 0;
  private readonly last = new Map<string, number>();

  /** A point in time: as many commits have been. */
  now(): number {
    return this.commits;
  }

  commit(tables: Iterable<string>): void {
    this.commits += 1;
    for (const table of tables) this.last.set(table, this.commits);
  }

  refuseChangedSince(table: TableName, since: number): void {
    const key = keyOf(table);
    const changed = this.last.get(key) ?? 0;
    if (changed <= since) return;
    const id = 100_000 + [...this.last.keys()].indexOf(key);
    throw new SqlError(
      `1023 DETAIL: Serializable isolation violation on table - ${id}, transactions forming the cycle are: ${changed}, ${this.commits + 1} (pid:1073741824)`,
    );
  }
}

/** What a transaction of a session has changed so far. */
export class Changes {
  readonly tables = new Set<string>();

  /** @param since when the transaction began */
  constructor(
    private readonly versions: TableVersions,
    private readonly since: number,
  ) {}

  /** Before rows of the table are changed or deleted. */
  claim(table: TableName): void {
    this.versions.refuseChangedSince(table, this.since);
  }

  /** After so many rows were written. */
  wrote(table: TableName, rows: number): void {
    if (rows > 0) this.tables.add(keyOf(table));
  }
}

function keyOf({ schema = 'public', name }: TableName): string {
  return describeName({ schema, name });
}
