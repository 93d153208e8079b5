import { AwsError } from '../aws/error';

/** The errors of Step Functions, in its words. */
export const states = {
  executionAlreadyExists: (arn: string) => new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`),
  executionDoesNotExist: (arn: string) => new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`),
  executionNotRedrivable: (arn: string, why: string) => new AwsError('ExecutionNotRedrivable', `Execution is not redrivable: '${arn}': '${why}'`),
  invalidArn: (why: string) => new AwsError('InvalidArn', `Invalid Arn: '${why}'`),
  invalidDefinition: (why: string) => new AwsError('InvalidDefinition', `Invalid State Machine Definition: '${why}'`),
  invalidExecutionInput: (why: string) => new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${why}'`),
  invalidName: (name: string) => new AwsError('InvalidName', `Invalid Name: '${name}'`),
  invalidOutput: () => new AwsError('InvalidOutput', "Invalid Output: 'the output is not valid JSON'"),
  invalidToken: () => new AwsError('InvalidToken', "Invalid Token: 'Invalid token'"),
  machineAlreadyExists: (arn: string) => new AwsError('StateMachineAlreadyExists', `State Machine Already Exists: '${arn}'`),
  machineDeleting: (arn: string) => new AwsError('StateMachineDeleting', `State Machine is being deleted: '${arn}'`),
  machineDoesNotExist: (arn: string) => new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`),
  taskTimedOut: () => new AwsError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'"),
  validation: (problems: readonly string[]) =>
    new AwsError('ValidationException', `${problems.length} validation error${problems.length === 1 ? '' : 's'} detected: ${problems.join('; ')}`),
} as const;
