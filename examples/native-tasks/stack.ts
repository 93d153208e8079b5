import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { AttributeType, Billing, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Cluster, ContainerImage, ContainerInsights, FargatePlatformVersion, FargateTaskDefinition, LogDriver } from 'aws-cdk-lib/aws-ecs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Fail, IntegrationPattern, Timeout } from 'aws-cdk-lib/aws-stepfunctions';
import { CallAwsService, DynamoAttributeValue, DynamoUpdateItem, EcsFargateLaunchTarget, EcsRunTask } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { AlertPolicy, Branch, DataPipeline, When } from '../../lib';
import { Existing } from '../existing';

/**
 * No step of the library at all: any AWS call is a step, with the tasks that aws-stepfunctions-tasks has. They get retries, alerts and checks like ours:
 * a container that the run waits for, an item, and an SDK call whose IAM action has another prefix than the integration.
 */
export class NativeTasksStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const { vpc } = new Existing(this, 'Existing');
    const topic = new Topic(this, 'Team', { enforceSSL: true });
    const runs = new TableV2(this, 'Runs', {
      partitionKey: { name: 'run_id', type: AttributeType.STRING },
      billing: Billing.onDemand(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    });
    const workgroup = 'arn:aws:redshift-serverless:us-east-1:111111111111:workgroup/00000000-0000-0000-0000-000000000000';

    // The integration is called redshiftserverless, and what IAM grants redshift-serverless: without iamAction the check refuses the task.
    const look = CallAwsService.jsonata(this, 'Look', {
      service: 'redshiftserverless',
      action: 'getWorkgroup',
      iamAction: 'redshift-serverless:GetWorkgroup',
      iamResources: [workgroup],
      parameters: { WorkgroupName: 'analytics' },
      taskTimeout: Timeout.duration(Duration.minutes(1)),
      outputs: '{% { "status": $states.result.Workgroup.Status } %}',
    });
    const work = new FargateTaskDefinition(this, 'Work', { cpu: 256, memoryLimitMiB: 512 });
    const container = work.addContainer('Container', {
      image: ContainerImage.fromRegistry('public.ecr.aws/docker/library/busybox:1.37'),
      command: ['true'],
      logging: LogDriver.awsLogs({ streamPrefix: 'work' }),
    });
    const compute = EcsRunTask.jsonata(this, 'Compute', {
      integrationPattern: IntegrationPattern.RUN_JOB,
      cluster: new Cluster(this, 'Cluster', { vpc, containerInsightsV2: ContainerInsights.ENABLED }),
      taskDefinition: work,
      launchTarget: new EcsFargateLaunchTarget({ platformVersion: FargatePlatformVersion.LATEST }),
      containerOverrides: [{ containerDefinition: container, command: ['echo', '{% $states.context.Execution.Name %}'] }],
      taskTimeout: Timeout.duration(Duration.hours(1)),
      outputs: '{% { "stopped": $states.result.StopCode } %}',
    });
    const record = DynamoUpdateItem.jsonata(this, 'Record', {
      table: runs,
      key: { run_id: DynamoAttributeValue.fromString('{% $states.context.Execution.Name %}') },
      updateExpression: 'SET stopped = :stopped',
      expressionAttributeValues: { ':stopped': DynamoAttributeValue.fromString('{% $states.input.stopped %}') },
      taskTimeout: Timeout.duration(Duration.minutes(1)),
      outputs: '{% $states.input %}',
    });

    const ready = new Branch(this, 'Ready?')
      .when(When.jsonata("{% $states.input.status = 'AVAILABLE' %}"), compute.next(record))
      .otherwise(Fail.jsonata(this, 'Not ready', { error: 'WarehouseNotReady', cause: "{% 'the workgroup is ' & $states.input.status %}" }));

    new DataPipeline(this, 'Pipeline', { definition: look.next(ready), alerts: AlertPolicy.toTopic(topic) });
  }
}
