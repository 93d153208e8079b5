import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { INextable, State } from 'aws-cdk-lib/aws-stepfunctions';
import { DynamoAttributeValue, DynamoPutItem } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { Step, type StepProps } from '../../lib';

export interface RecordRunProps extends StepProps {
  /** Gets one item a run; its partition key is the string `run_id`. */
  readonly runs: ITable;
}

/** A step of your own: one file, one class. It records how many rows each run loaded. */
export class RecordRun extends Step {
  readonly startState: State;
  readonly endStates: INextable[];

  constructor(scope: Construct, id: string, props: RecordRunProps) {
    super(scope, id, props);
    const put = DynamoPutItem.jsonata(this, 'Put', {
      comment: this.describe({ entry: true }),
      table: props.runs,
      item: {
        run_id: DynamoAttributeValue.fromString('{% $states.context.Execution.Name %}'),
        records: DynamoAttributeValue.numberFromString('{% $string($dataset.recordCount) %}'),
      },
      outputs: '{% $states.input %}',
    });
    this.startState = put;
    this.endStates = [put];
    this.prefixStates();
  }
}
