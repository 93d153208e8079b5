import { createHash } from 'node:crypto';

/** Where a stack is deployed to. */
export interface Environment {
  readonly account: string;
  readonly region: string;
  readonly partition: string;
}

/** What a physical id is made from. */
export interface Placed {
  readonly environment: Environment;
  readonly stack: string;
  readonly logicalId: string;
  /** A property of the resource, resolved; undefined where the template sets none. */
  readonly property: (name: string) => unknown;
}

/** What `Ref` and `Fn::GetAtt` answer for one resource type. */
export interface Kind {
  readonly ref: (placed: Placed) => string;
  readonly attributes: Readonly<Record<string, (placed: Placed) => string>>;
}

type Name = (placed: Placed) => string;

/** Hexadecimal digits that stay the same from run to run, where AWS would draw random ones. */
function digits(placed: Placed, length: number): string {
  return createHash('sha256').update(`${placed.stack}/${placed.logicalId}`).digest('hex').slice(0, length);
}

/** The name the template sets in `property`, else one as CloudFormation makes it from stack and logical id. */
const named =
  (property?: string, adapt: (generated: string) => string = (generated) => generated): Name =>
  (placed) => {
    const given = property === undefined ? undefined : placed.property(property);
    return typeof given === 'string' ? given : adapt(`${placed.stack}-${placed.logicalId}`);
  };

const numbered =
  (prefix: string): Name =>
  (placed) =>
    `${prefix}-${digits(placed, 17)}`;

/** Of the form 8-4-4-4-12, as key and namespace ids are. */
const uuid: Name = (placed) => digits(placed, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

const arn =
  (service: string, resource: Name): Name =>
  (placed) => {
    const { partition, region, account } = placed.environment;
    return `arn:${partition}:${service}:${region}:${account}:${resource(placed)}`;
  };

const globalArn =
  (service: string, resource: Name, withAccount = false): Name =>
  (placed) =>
    `arn:${placed.environment.partition}:${service}::${withAccount ? placed.environment.account : ''}:${resource(placed)}`;

const text =
  (strings: TemplateStringsArray, ...names: Name[]): Name =>
  (placed) =>
    strings.reduce((all, part, index) => all + names[index - 1]!(placed) + part);

const region: Name = (placed) => placed.environment.region;
const account: Name = (placed) => placed.environment.account;
const fixed =
  (value: string): Name =>
  () =>
    value;

/** A resource that other resources only refer to by its name or id. */
const plain = (ref: Name, attributes: Kind['attributes'] = {}): Kind => ({ ref, attributes });

const lambdaName = named('FunctionName');
const machineName = named('StateMachineName');
const topicName = named('TopicName');
const bucketName = named('BucketName', (generated) => generated.toLowerCase().slice(0, 63));
const tableName = named('TableName');
const roleName = named('RoleName');
const queueName = named('QueueName');
const logGroupName = named('LogGroupName');
const ruleName = named('Name');
const alarmName = named('AlarmName');
const workgroupName = named('WorkgroupName');
const namespaceName = named('NamespaceName');
const machineArn = arn('states', text`stateMachine:${machineName}`);
const topicArn = arn('sns', topicName);
const secretArn = arn('secretsmanager', text`secret:${named('Name')}-${(placed) => digits(placed, 6)}`);
const tableArn = arn('dynamodb', text`table/${tableName}`);
const table: Kind = plain(tableName, { Arn: tableArn, StreamArn: text`${tableArn}/stream/2026-01-01T00:00:00.000`, TableId: uuid });
const database = (property: string, kind: string): Kind => {
  const name = named(property, (generated) => generated.toLowerCase());
  return plain(name, {
    'Endpoint.Address': text`${name}.${(placed) => digits(placed, 12)}.${region}.rds.amazonaws.com`,
    'Endpoint.Port': fixed('5432'),
    DBInstanceArn: arn('rds', text`${fixed(kind)}:${name}`),
    DBClusterArn: arn('rds', text`${fixed(kind)}:${name}`),
  });
};

/** Every resource type whose references the local run can answer. */
export const KINDS: Readonly<Record<string, Kind>> = {
  'AWS::Lambda::Function': plain(lambdaName, { Arn: arn('lambda', text`function:${lambdaName}`) }),
  'AWS::StepFunctions::StateMachine': plain(machineArn, { Arn: machineArn, Name: machineName }),
  'AWS::SNS::Topic': plain(topicArn, { TopicArn: topicArn, TopicName: topicName }),
  'AWS::S3::Bucket': plain(bucketName, {
    Arn: globalArn('s3', bucketName),
    DomainName: text`${bucketName}.s3.amazonaws.com`,
    RegionalDomainName: text`${bucketName}.s3.${region}.amazonaws.com`,
  }),
  'AWS::DynamoDB::Table': table,
  'AWS::DynamoDB::GlobalTable': table,
  'AWS::Glue::Job': plain(named('Name')),
  'AWS::Glue::SecurityConfiguration': plain(named('Name')),
  'AWS::IAM::Role': plain(roleName, {
    Arn: globalArn('iam', text`role/${roleName}`, true),
    RoleId: text`AROA${(placed) => digits(placed, 17).toUpperCase()}`,
  }),
  'AWS::IAM::ManagedPolicy': plain(globalArn('iam', text`policy/${named('ManagedPolicyName')}`, true)),
  'AWS::KMS::Key': plain(uuid, { Arn: arn('kms', text`key/${uuid}`), KeyId: uuid }),
  'AWS::KMS::Alias': plain(named('AliasName')),
  'AWS::SecretsManager::Secret': plain(secretArn, { Id: secretArn }),
  'AWS::SecretsManager::SecretTargetAttachment': plain(named('SecretId')),
  'AWS::SQS::Queue': plain(text`https://sqs.${region}.amazonaws.com/${account}/${queueName}`, {
    Arn: arn('sqs', queueName),
    QueueName: queueName,
    QueueUrl: text`https://sqs.${region}.amazonaws.com/${account}/${queueName}`,
  }),
  'AWS::Logs::LogGroup': plain(logGroupName, { Arn: arn('logs', text`log-group:${logGroupName}:*`) }),
  'AWS::Events::Rule': plain(ruleName, { Arn: arn('events', text`rule/${ruleName}`) }),
  'AWS::Scheduler::Schedule': plain(named('Name'), { Arn: arn('scheduler', text`schedule/default/${named('Name')}`) }),
  'AWS::Scheduler::ScheduleGroup': plain(named('Name'), { Arn: arn('scheduler', text`schedule-group/${named('Name')}`) }),
  'AWS::CloudWatch::Alarm': plain(alarmName, { Arn: arn('cloudwatch', text`alarm:${alarmName}`) }),
  'AWS::SSM::Parameter': plain(named('Name'), { Type: named('Type'), Value: named('Value') }),
  'AWS::EC2::VPC': plain(numbered('vpc'), {
    VpcId: numbered('vpc'),
    CidrBlock: named('CidrBlock'),
    DefaultSecurityGroup: numbered('sg'),
    DefaultNetworkAcl: numbered('acl'),
  }),
  'AWS::EC2::Subnet': plain(numbered('subnet'), {
    SubnetId: numbered('subnet'),
    VpcId: named('VpcId'),
    CidrBlock: named('CidrBlock'),
    AvailabilityZone: named('AvailabilityZone'),
  }),
  'AWS::EC2::SecurityGroup': plain(numbered('sg'), { GroupId: numbered('sg'), VpcId: named('VpcId') }),
  'AWS::EC2::RouteTable': plain(numbered('rtb'), { RouteTableId: numbered('rtb') }),
  'AWS::EC2::InternetGateway': plain(numbered('igw'), { InternetGatewayId: numbered('igw') }),
  'AWS::EC2::NatGateway': plain(numbered('nat'), { NatGatewayId: numbered('nat') }),
  'AWS::EC2::EIP': plain(fixed('192.0.2.1'), { AllocationId: numbered('eipalloc'), PublicIp: fixed('192.0.2.1') }),
  'AWS::EC2::VPCEndpoint': plain(numbered('vpce'), { Id: numbered('vpce') }),
  'AWS::EC2::FlowLog': plain(numbered('fl'), { Id: numbered('fl') }),
  'AWS::RDS::DBInstance': database('DBInstanceIdentifier', 'db'),
  'AWS::RDS::DBCluster': database('DBClusterIdentifier', 'cluster'),
  'AWS::RDS::DBSubnetGroup': plain(named('DBSubnetGroupName')),
  'AWS::RDS::DBParameterGroup': plain(named('DBParameterGroupName')),
  'AWS::RedshiftServerless::Namespace': plain(namespaceName, {
    'Namespace.NamespaceArn': arn('redshift-serverless', text`namespace/${uuid}`),
    'Namespace.NamespaceId': uuid,
    'Namespace.NamespaceName': namespaceName,
  }),
  'AWS::RedshiftServerless::Workgroup': plain(workgroupName, {
    'Workgroup.WorkgroupArn': arn('redshift-serverless', text`workgroup/${uuid}`),
    'Workgroup.WorkgroupId': uuid,
    'Workgroup.WorkgroupName': workgroupName,
    'Workgroup.Endpoint.Address': text`${workgroupName}.${account}.${region}.redshift-serverless.amazonaws.com`,
    'Workgroup.Endpoint.Port': fixed('5439'),
  }),
  'AWS::Redshift::Cluster': plain(
    named('ClusterIdentifier', (generated) => generated.toLowerCase()),
    {
      'Endpoint.Address': text`${named('ClusterIdentifier', (generated) => generated.toLowerCase())}.${region}.redshift.amazonaws.com`,
      'Endpoint.Port': fixed('5439'),
      ClusterNamespaceArn: arn('redshift', text`namespace:${uuid}`),
    },
  ),
};
