import type { State } from './types';

/** How a call that asks for a status answers. */
export interface PolledCall {
  /** After these nothing changes any more. */
  readonly terminal: readonly string[];
  readonly running: readonly string[];
}

/** `service:action`, as the end of a Task's Resource has it without `aws-sdk:`. */
const CALLS: Readonly<Record<string, PolledCall>> = {
  'redshiftdata:describeStatement': call('FINISHED FAILED ABORTED', 'SUBMITTED PICKED STARTED'),
  'glue:getJobRun': call('SUCCEEDED FAILED STOPPED TIMEOUT ERROR EXPIRED', 'STARTING RUNNING STOPPING WAITING'),
  'glue:getCrawler': call('READY', 'RUNNING STOPPING'),
  'glue:getWorkflowRun': call('COMPLETED STOPPED ERROR', 'RUNNING STOPPING'),
  'databrew:describeJobRun': call('SUCCEEDED FAILED STOPPED TIMEOUT', 'STARTING RUNNING STOPPING'),
  'athena:getQueryExecution': call('SUCCEEDED FAILED CANCELLED', 'QUEUED RUNNING'),
  'sfn:describeExecution': call('SUCCEEDED FAILED TIMED_OUT ABORTED', 'RUNNING PENDING_REDRIVE'),
  'rds:describeExportTasks': call('COMPLETE FAILED CANCELED', 'STARTING IN_PROGRESS CANCELING'),
  'ecs:describeTasks': call('STOPPED', 'PROVISIONING PENDING ACTIVATING RUNNING DEACTIVATING STOPPING DEPROVISIONING'),
  'batch:describeJobs': call('SUCCEEDED FAILED', 'SUBMITTED PENDING RUNNABLE STARTING RUNNING'),
  'emr:describeStep': call('COMPLETED FAILED CANCELLED INTERRUPTED', 'PENDING CANCEL_PENDING RUNNING'),
  'emr:describeCluster': call('TERMINATED TERMINATED_WITH_ERRORS', 'STARTING BOOTSTRAPPING RUNNING WAITING TERMINATING'),
  'emrcontainers:describeJobRun': call('COMPLETED FAILED CANCELLED', 'PENDING SUBMITTED RUNNING CANCEL_PENDING'),
  'emrserverless:getJobRun': call('SUCCESS FAILED CANCELLED', 'SUBMITTED PENDING SCHEDULED RUNNING CANCELLING QUEUED'),
  'codebuild:batchGetBuilds': call('SUCCEEDED FAILED FAULT TIMED_OUT STOPPED', 'IN_PROGRESS'),
  'sagemaker:describeTrainingJob': call('Completed Failed Stopped', 'InProgress Stopping'),
  'sagemaker:describeProcessingJob': call('Completed Failed Stopped', 'InProgress Stopping'),
  'sagemaker:describeTransformJob': call('Completed Failed Stopped', 'InProgress Stopping'),
};

function call(terminal: string, running: string): PolledCall {
  return { terminal: terminal.split(' '), running: running.split(' ') };
}

/** The service and action that a Task calls by the integration in its Resource: `{ service: 'glue', action: 'startJobRun' }`. */
export function serviceCall({ Type, Resource }: State): { readonly service: string; readonly action: string } | undefined {
  const match = Type === 'Task' && typeof Resource === 'string' ? /:states:.*?:.*?:(?:aws-sdk:)?([a-zA-Z0-9-]+):([a-zA-Z0-9]+)/.exec(Resource) : null;
  return match ? { service: match[1]!, action: match[2]! } : undefined;
}

/** The status that a Task asks for, if it is a call that is known to be polled. */
export function polledCall(state: State): PolledCall | undefined {
  const called = serviceCall(state);
  return called && CALLS[`${called.service}:${called.action}`];
}
