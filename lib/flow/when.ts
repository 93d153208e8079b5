import { expressionIn } from '../asl/strings';
import { asText, jsonata, literal } from '../private/jsonata';

/**
 * A condition of a `Branch`, on the counts of the dataset or on the input of the run.
 *
 * @example
 * When.recordsAtLeast(1000).and(When.rejectedAtLeast(1).not())
 */
export class When {
  /** The dataset has at least so many records. */
  public static recordsAtLeast(count: number): When {
    return new When(`$dataset.recordCount >= ${whole(count)}`);
  }

  /** Cleaning rejected at least so many records. */
  public static rejectedAtLeast(count: number): When {
    return new When(`$dataset.counts.rejected >= ${whole(count)}`);
  }

  /** Cleaning rejected at least this part of the records that it read, from 0 to 1. */
  public static rejectedShareAtLeast(share: number): When {
    if (!(share >= 0 && share <= 1)) throw new Error(`a share of ${share} is none; give a number from 0 to 1`);
    return new When(`$dataset.counts.rejected > 0 and $dataset.counts.rejected >= ${share} * ($dataset.recordCount + $dataset.counts.rejected)`);
  }

  /** The run was started with this member in its input, whatever its value. A `DataPipeline` that has steps takes only the run input of its own. */
  public static inputHas(name: string): When {
    return new When(`$exists(${member(name)})`);
  }

  /** The run was started with this text in this member of its input. */
  public static inputIs(name: string, value: string): When {
    return new When(`${member(name)} = ${literal(value)}`);
  }

  /** Any JSONata in `{% %}` that is true or false; it may read `$dataset` and other variables, and `$states.input`, what the state before gave. */
  public static jsonata(condition: string): When {
    const expression = expressionIn(condition);
    if (expression === undefined) throw new Error(`the condition ${JSON.stringify(asText(condition))} is no JSONata; put it in {% %}`);
    return new When(expression);
  }

  private constructor(private readonly expression: string) {}

  /** Both hold. */
  public and(other: When): When {
    return new When(`(${this.expression}) and (${other.expression})`);
  }

  /** One of them holds, or both do. */
  public or(other: When): When {
    return new When(`(${this.expression}) or (${other.expression})`);
  }

  /** It does not hold. */
  public not(): When {
    return new When(`$not(${this.expression})`);
  }

  /**
   * As a Choice has it.
   * @internal
   */
  public _render(): string {
    return jsonata(this.expression);
  }
}

function whole(count: number): number {
  if (!Number.isInteger(count) || count < 0) throw new Error(`a count of ${count} is none; give a whole number from 0`);
  return count;
}

function member(name: string): string {
  return `$states.context.Execution.Input.\`${name}\``;
}
