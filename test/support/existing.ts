import type { Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { RdsSource, Warehouse } from '../../lib';

/** A database and a warehouse that a stack under test imports. */
export function existing(stack: Stack) {
  const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-1',
    availabilityZones: ['us-east-1a'],
    privateSubnetIds: ['subnet-1'],
    privateSubnetRouteTableIds: ['rtb-1'],
  });
  const secret = Secret.fromSecretCompleteArn(stack, 'Secret', 'arn:aws:secretsmanager:us-east-1:111111111111:secret:reader-AbCdEf');
  return {
    vpc,
    secret,
    source: RdsSource.postgres({ vpc, secret }),
    warehouse: Warehouse.serverless({ workgroup: 'analytics', database: 'dev' }),
  };
}
