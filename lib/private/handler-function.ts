import { join } from 'node:path';
import { type Duration, RemovalPolicy, type Size } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { type IRole, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';

import type { Construct } from 'constructs';
import { acknowledgeWildcard } from './acknowledge';

interface HandlerFunctionProps {
  /** The folder of `assets/lambda`. */
  readonly asset: string;
  readonly handler: string;
  readonly description: string;
  readonly timeout: Duration;
  readonly memory: Size;
  readonly environment?: Record<string, string>;
  readonly vpc?: IVpc;
  readonly vpcSubnets?: SubnetSelection;
  readonly securityGroups?: ISecurityGroup[];
  readonly role?: IRole;
}

/**
 * A function that runs a handler of this package. Its role may write to its own log group and, in a VPC, attach to the network; the managed
 * policies that CDK would take allow writing to every log group.
 */
export function handlerFunction(scope: Construct, id: string, props: HandlerFunctionProps): LambdaFunction {
  const logGroup = new LogGroup(scope, `${id}Logs`, { retention: RetentionDays.THREE_MONTHS, removalPolicy: RemovalPolicy.DESTROY });
  const role =
    props.role ?? new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com'), description: props.description });
  logGroup.grantWrite(role);
  if (props.vpc) {
    role.addToPrincipalPolicy(new PolicyStatement({ actions: NETWORK_ACTIONS, resources: ['*'] }));
  }
  const handler = new LambdaFunction(scope, id, {
    runtime: Runtime.NODEJS_24_X,
    code: Code.fromAsset(join(__dirname, '..', '..', 'assets', 'lambda', props.asset)),
    handler: props.handler,
    description: props.description,
    timeout: props.timeout,
    memorySize: props.memory.toMebibytes(),
    environment: props.environment,
    role,
    logGroup,
    vpc: props.vpc,
    vpcSubnets: props.vpcSubnets,
    securityGroups: props.securityGroups,
  });
  if (props.vpc) {
    acknowledgeWildcard(role, '*', 'AWS has no resource scope for the network interfaces a function attaches in a VPC.');
  }
  return handler;
}

/** What AWSLambdaVPCAccessExecutionRole allows, without its logs. */
const NETWORK_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];
