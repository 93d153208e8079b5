/** What a load does with rows that the table already has. */
export class LoadMode {
  /**
   * The rows of a window replace what the table holds of the same window. Only for incremental extraction, since without a window a second run
   * could not know what the first one appended.
   */
  public static append(): LoadMode {
    return new LoadMode('append', []);
  }

  /** The rows replace all that the table holds, in one transaction. */
  public static replace(): LoadMode {
    return new LoadMode('replace', []);
  }

  /**
   * Rows with a known key replace the table's, the others are added. With incremental extraction the newer version wins, whichever run comes first.
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
  ) {}
}
