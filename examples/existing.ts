import { type IVpc, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Role } from 'aws-cdk-lib/aws-iam';
import { DatabaseInstance } from 'aws-cdk-lib/aws-rds';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { RdsSource, Warehouse } from '../lib';

/**
 * What the account already has: a network, a PostgreSQL database, a Redshift workgroup. Give yours with
 * `cdk deploy -c vpcId=vpc-... -c databaseHost=...`; the values here only let the examples synthesize.
 */
export class Existing extends Construct {
  readonly vpc: IVpc;
  readonly source: RdsSource;
  readonly warehouse: Warehouse;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.vpc = this.network();
    const { vpc } = this;
    this.source = RdsSource.postgres({
      vpc,
      secret: this.secret(),
      instance: DatabaseInstance.fromDatabaseInstanceAttributes(this, 'Database', {
        instanceIdentifier: this.value('databaseIdentifier', 'sales'),
        instanceEndpointAddress: this.value('databaseHost', 'sales.example.us-east-1.rds.amazonaws.com'),
        port: 5432,
        securityGroups: [
          SecurityGroup.fromSecurityGroupId(this, 'DatabaseSecurityGroup', this.value('databaseSecurityGroup', 'sg-0123456789abcdef0')),
        ],
      }),
    });
    this.warehouse = Warehouse.serverless({
      workgroup: this.value('workgroup', 'analytics'),
      workgroupArn: this.value('workgroupArn', 'arn:aws:redshift-serverless:us-east-1:111111111111:workgroup/00000000-0000-0000-0000-000000000000'),
      database: this.value('warehouseDatabase', 'dev'),
      copyRole: Role.fromRoleArn(this, 'CopyRole', this.value('copyRoleArn', 'arn:aws:iam::111111111111:role/redshift-copy')),
    });
  }

  private network(): IVpc {
    return Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId: this.value('vpcId', 'vpc-0123456789abcdef0'),
      availabilityZones: this.value('availabilityZones', 'us-east-1a,us-east-1b').split(','),
      privateSubnetIds: this.value('privateSubnetIds', 'subnet-0123456789abcdef0,subnet-0123456789abcdef1').split(','),
      privateSubnetRouteTableIds: this.value('routeTableIds', 'rtb-0123456789abcdef0,rtb-0123456789abcdef1').split(','),
    });
  }

  private secret(): ISecret {
    return Secret.fromSecretCompleteArn(
      this,
      'Secret',
      this.value('secretArn', 'arn:aws:secretsmanager:us-east-1:111111111111:secret:sales-reader-AbCdEf'),
    );
  }

  private value(name: string, placeholder: string): string {
    return this.node.tryGetContext(name) ?? placeholder;
  }
}
