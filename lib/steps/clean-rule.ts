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
