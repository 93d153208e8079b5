import type { Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import { AlertPolicy, DataPipeline, type DataPipelineProps } from '../../lib';

/** A pipeline around a definition, with alerts to a topic of the stack. */
export function pipelineOf(stack: Stack, definition: IChainable, props: Partial<DataPipelineProps> = {}): DataPipeline {
  const topic = new Topic(stack, 'Alerts');
  return new DataPipeline(stack, 'Pipeline', { definition, alerts: AlertPolicy.toTopic(topic), ...props });
}

/** The messages of all errors that synthesis reports, in one text. */
export function synthErrors(stack: Stack): string {
  return stack.node
    .findAll()
    .flatMap((construct) => construct.node.validate())
    .join('\n');
}
