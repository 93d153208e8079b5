import { Chain, Choice, Condition, type IChainable, type INextable } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { PipelineError } from '../private/error';
import type { When } from './when';

/**
 * Goes one of several ways, by the counts of the dataset or the input of the run. The ways join again: what is chained behind comes after each.
 *
 * At run time a Choice asks the conditions in their order and takes the first way whose condition holds. Only `otherwise` gives something that can be
 * chained, so no run can stand at a Choice without a way.
 *
 * @example
 * const stored = new Branch(this, 'Enough rows?')
 *   .when(When.recordsAtLeast(100_000), parquet.next(loadParquet))
 *   .otherwise(loadText);
 * extract.next(clean).next(stored).next(notify);
 */
export class Branch {
  private readonly choice: Choice;
  private readonly ends: INextable[] = [];
  private ways = 0;

  constructor(
    private readonly scope: Construct,
    private readonly id: string,
  ) {
    this.choice = Choice.jsonata(scope, id);
  }

  /** Goes this way if the condition holds, and none before it did. */
  public when(condition: When, way: IChainable): Branch {
    this.choice.when(Condition.jsonata(condition._render()), way);
    this.ends.push(...way.endStates);
    this.ways += 1;
    return this;
  }

  /** Goes this way if no condition holds; a `Pass` goes past all of them. */
  public otherwise(way: IChainable): Chain {
    if (this.ways === 0)
      throw new PipelineError(`branch '${this.id}' has one way only; say with when() where it parts, or chain without it`, this.scope);
    this.choice.otherwise(way);
    return Chain.custom(this.choice, [...this.ends, ...way.endStates], this.choice);
  }
}
