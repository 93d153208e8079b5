import { serviceCall } from '../polled-services';
import { named, type Rule } from './rule';

/** Services whose IAM prefix is not the name that an SDK integration has. CDK knows a few of them only, and grants what no one checks for the others. */
const PREFIXES: Readonly<Record<string, string>> = {
  acmpca: 'acm-pca',
  apigatewayv2: 'apigateway',
  applicationautoscaling: 'application-autoscaling',
  appconfigdata: 'appconfig',
  bedrockagent: 'bedrock',
  bedrockagentruntime: 'bedrock',
  bedrockruntime: 'bedrock',
  cloudsearchdomain: 'cloudsearch',
  cloudwatchevents: 'events',
  cloudwatchlogs: 'logs',
  cognitoidentity: 'cognito-identity',
  cognitoidentityprovider: 'cognito-idp',
  cognitosync: 'cognito-sync',
  costandusagereport: 'cur',
  costexplorer: 'ce',
  databasemigration: 'dms',
  directory: 'ds',
  dynamodbstreams: 'dynamodb',
  efs: 'elasticfilesystem',
  elasticloadbalancingv2: 'elasticloadbalancing',
  elasticsearch: 'es',
  emr: 'elasticmapreduce',
  emrcontainers: 'emr-containers',
  emrserverless: 'emr-serverless',
  eventbridge: 'events',
  iotdataplane: 'iot',
  kinesisanalyticsv2: 'kinesisanalytics',
  lexruntimev2: 'lex',
  mediapackagevod: 'mediapackage-vod',
  mwaa: 'airflow',
  neptunedata: 'neptune-db',
  opensearch: 'es',
  opensearchserverless: 'aoss',
  rdsdata: 'rds-data',
  redshiftdata: 'redshift-data',
  redshiftserverless: 'redshift-serverless',
  resourcegroups: 'resource-groups',
  resourcegroupstaggingapi: 'tag',
  s3control: 's3',
  s3outposts: 's3-outposts',
  sagemakerfeaturestoreruntime: 'sagemaker',
  sagemakerruntime: 'sagemaker',
  sesv2: 'ses',
  sfn: 'states',
  ssoadmin: 'sso',
  timestreamquery: 'timestream',
  timestreamwrite: 'timestream',
};

/** An SDK call is granted under the name that IAM has for it. CDK derives it from the integration's name, which is another for some services. */
export const iamPrefix: Rule = {
  id: 'iam-prefix',
  find: ({ visits }, { actions = [] }) =>
    visits.flatMap((visit) => {
      const call = serviceCall(visit.state);
      const prefix = call && PREFIXES[call.service.toLowerCase()];
      if (!call || !prefix) return [];
      const right = `${prefix}:${call.action.charAt(0).toUpperCase()}${call.action.slice(1)}`;
      const wrong = actions.find((action) => action.toLowerCase() === `${call.service}:${call.action}`.toLowerCase());
      if (!wrong || actions.some((action) => covers(action, right))) return [];
      return [{ visit, message: `${named(visit)} is granted '${wrong}', which IAM does not know; pass iamAction: '${right}'` }];
    }),
};

function covers(action: string, wanted: string): boolean {
  const pattern = action.split('*').map((part) => part.replace(/[^a-zA-Z0-9]/g, '\\$&'));
  return new RegExp(`^${pattern.join('.*')}$`, 'i').test(wanted);
}
