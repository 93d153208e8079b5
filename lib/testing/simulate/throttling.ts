import { integrationOf } from '../../asl/steps';

/** What each service calls it. */
const ERRORS: Readonly<Record<string, string>> = {
  lambda: 'Lambda.TooManyRequestsException',
  glue: 'Glue.ConcurrentRunsExceededException',
  dynamodb: 'DynamoDB.ProvisionedThroughputExceededException',
  sns: 'SNS.ThrottledException',
  s3: 'S3.SlowDownException',
  redshiftdata: 'RedshiftData.ActiveStatementsExceededException',
  states: 'StepFunctions.ExecutionLimitExceededException',
};

/** The error by which the service of a resource says that it has no room. */
export function throttlingError(resource: string): string {
  if (/^arn:[^:]+:lambda:/.test(resource)) return ERRORS.lambda!;
  const service = integrationOf(resource)
    .replace(/^aws-sdk:/, '')
    .split(':')[0]!;
  return ERRORS[service] ?? `${service[0]!.toUpperCase()}${service.slice(1)}.ThrottlingException`;
}
