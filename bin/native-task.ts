import { Stack, type StackProps } from 'aws-cdk-lib';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { AlertPolicy, DataPipeline } from '../lib';

/** A pipeline of one native task, with the retrier that CDK adds to it unasked: none of the examples has one, and the policies remove it. */
export class NativeTaskStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const call = LambdaInvoke.jsonata(this, 'Call', { lambdaFunction: LambdaFunction.fromFunctionName(this, 'Function', 'native') });
    new DataPipeline(this, 'Native', { definition: call, alerts: AlertPolicy.toTopic(new Topic(this, 'Team')) });
  }
}
