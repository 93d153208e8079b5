import type { Rule } from '../runtime/contract';

/** Options of `CleanRule.range`. */
export interface RangeOptions {
  /**
   * The least value that is accepted, as text in the column's type.
   * @default - no lower bound
   */
  readonly min?: string;

  /**
   * The greatest value that is accepted, as text in the column's type.
   * @default - no upper bound
   */
  readonly max?: string;
}

/**
 * A rule that rows are cleaned by. Rules run in the order they are given. The first that a row breaks rejects the row, which is kept with that
 * rule as the reason.
 */
export class CleanRule {
  /** Cuts white space off both ends of text. Without columns: of every text column. */
  public static trim(...columns: string[]): CleanRule {
    return new CleanRule({ rule: 'trim', columns: optional(columns) });
  }

  /** Makes NULL of empty text. Without columns: in every text column. */
  public static nullIfBlank(...columns: string[]): CleanRule {
    return new CleanRule({ rule: 'nullIf', values: [''], columns: optional(columns) });
  }

  /** Makes NULL of these texts, such as `N/A`. Without columns: in every text column. */
  public static nullIf(values: string[], ...columns: string[]): CleanRule {
    return new CleanRule({ rule: 'nullIf', values, columns: optional(columns) });
  }

  /**
   * Changes the type of a column. A value that does not convert exactly rejects its row.
   *
   * @param column the column
   * @param to the Redshift type: `smallint integer bigint decimal(p,s) real double precision boolean varchar(n) date time timestamp timestamptz`
   */
  public static cast(column: string, to: string): CleanRule {
    return new CleanRule({ rule: 'cast', column, to });
  }

  /** Rejects rows without a value in one of these columns. */
  public static required(...columns: string[]): CleanRule {
    return new CleanRule({ rule: 'required', columns });
  }

  /** Rejects rows whose value is not one of these. NULL passes. */
  public static allowed(column: string, ...values: string[]): CleanRule {
    return new CleanRule({ rule: 'allowed', column, values });
  }

  /** Rejects rows whose value does not match the regular expression. NULL passes. */
  public static matches(column: string, pattern: string): CleanRule {
    return new CleanRule({ rule: 'matches', column, pattern });
  }

  /** Rejects rows whose value is out of bounds, which belong to the range themselves. NULL passes. */
  public static range(column: string, bounds: RangeOptions): CleanRule {
    return new CleanRule({ rule: 'range', column, min: bounds.min, max: bounds.max });
  }

  /**
   * Gives NULL a value.
   *
   * @param column the column
   * @param value the value, as text in the column's type
   */
  public static defaultValue(column: string, value: string): CleanRule {
    return new CleanRule({ rule: 'default', column, value });
  }

  /** Makes lower case of text. Without columns: of every text column. */
  public static lower(...columns: string[]): CleanRule {
    return new CleanRule({ rule: 'lower', columns: optional(columns) });
  }

  /** Makes upper case of text. Without columns: of every text column. */
  public static upper(...columns: string[]): CleanRule {
    return new CleanRule({ rule: 'upper', columns: optional(columns) });
  }

  /**
   * Replaces every match of a regular expression. Put before a `cast` it makes numbers of texts such as `1,234.5`.
   *
   * @param column the column
   * @param pattern the regular expression
   * @param replacement what stands in the place of each match; `$1` stands for what its first group matched, `$$` for `$`
   */
  public static replace(column: string, pattern: string, replacement: string): CleanRule {
    return new CleanRule({ rule: 'replace', column, pattern, with: replacement });
  }

  /**
   * Makes the SHA-256 of the value out of it, in hexadecimal: a `varchar(64)`, equal for equal values, so that it still joins and counts. Of values that can
   * be guessed, such as phone numbers, it hides nothing: `drop` those.
   */
  public static hash(...columns: string[]): CleanRule {
    return new CleanRule({ rule: 'hash', columns });
  }

  /** Gives a column another name, which the rules behind this one use. */
  public static rename(column: string, to: string): CleanRule {
    return new CleanRule({ rule: 'rename', column, to });
  }

  /** Leaves columns out of the cleaned rows. To leave a column in the database, use `excludeColumns` of the extraction. */
  public static drop(...columns: string[]): CleanRule {
    return new CleanRule({ rule: 'drop', columns });
  }

  /**
   * Keeps the row of each key that is the latest in the whole dataset; of equally late rows the one that was read last. The others are counted as
   * deduplicated, not as rejected.
   *
   * @param version the column that tells which row is later: whole numbers, decimals, dates or times; NULL is earlier than all
   * @param key the columns of the key
   */
  public static latest(version: string, ...key: string[]): CleanRule {
    return new CleanRule({ rule: 'unique', columns: key, latest: version });
  }

  /** Keeps the first row of each key in the whole dataset. The others are counted as deduplicated, not as rejected. */
  public static unique(...columns: string[]): CleanRule {
    return new CleanRule({ rule: 'unique', columns });
  }

  private constructor(private readonly rule: Rule) {}

  /** @internal */
  public _render(): Rule {
    return this.rule;
  }
}

function optional(columns: string[]): string[] | undefined {
  return columns.length > 0 ? columns : undefined;
}
