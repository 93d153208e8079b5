/** What a load does with rows that the table already has. */
export class LoadMode {
  /**
   * The rows of a window replace what the table holds of the same window. Only for incremental extraction, since without a window a second run
   * could not know what the first one appended.
   */
  public static append(): LoadMode {
    return new LoadMode('append', []);
  }

  /**
   * The rows replace all that the table holds, in one transaction. A dataset without rows leaves the table as it is behind `skipWhenEmpty()`.
   */
  public static replace(): LoadMode {
    return new LoadMode('replace', []);
  }

  /**
   * Rows with a known key replace the table's, the others are added. With incremental extraction the newer version wins, whichever run comes first.
   *
   * A source that marks rows as deleted needs nothing more if the marked rows should stay in the table; `deleteWhere` takes them out.
   *
   * @param key the columns that tell rows apart; a row without a value in one of them fails the load
   */
  public static upsert(...key: string[]): LoadMode {
    if (key.length === 0)
      throw new Error("LoadMode.upsert: the key is missing; name the columns that tell rows apart, as in LoadMode.upsert('order_id')");
    return new LoadMode('upsert', key);
  }

  private constructor(
    /** `append`, `replace` or `upsert`. */
    public readonly name: string,
    /** The columns that tell rows apart; empty unless the mode is `upsert`. */
    public readonly key: string[],
    /**
     * The column that marks a row as deleted.
     * @default - rows are never deleted
     */
    public readonly tombstone?: string,
  ) {}

  /**
   * Deletes rows that the source marks as deleted, for an upsert of an incremental extraction.
   *
   * At run time a marked row deletes the row of its key, unless the table has a newer version of it. Key and version of what was deleted are kept
   * beside the table, in `<table>_deleted_keys`, so that an old run that is replayed does not bring the row back; a newer version does. A
   * deletion and a change of the same version count as a deletion.
   *
   * @param column a boolean or number that is true or not zero for a deleted row, or a date or timestamp that it has and others lack
   */
  public deleteWhere(column: string): LoadMode {
    if (this.name !== 'upsert')
      throw new Error(`deleteWhere belongs to an upsert, got '${this.name}'; write LoadMode.upsert(key).deleteWhere(column)`);
    if (!column) throw new Error("deleteWhere: the column is empty; name the one that marks deleted rows, as in deleteWhere('deleted_at')");
    return new LoadMode(this.name, this.key, column);
  }
}
