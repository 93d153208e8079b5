import type { ChildExecution } from './child';

/** What a result file tells of a child execution. */
export function recordOf(child: ChildExecution): Record<string, unknown> {
  const { status, error, cause, output } = child;
  const succeeded = status === 'SUCCEEDED';
  return {
    ...(cause === undefined ? {} : { Cause: cause }),
    ...(error === undefined ? {} : { Error: error }),
    ExecutionArn: child.executionArn,
    Input: child.input,
    InputDetails: { Included: true },
    Name: child.name,
    ...(succeeded ? { Output: JSON.stringify(output), OutputDetails: { Included: true } } : {}),
    RedriveCount: 0,
    RedriveStatus: succeeded ? 'NOT_REDRIVABLE' : 'REDRIVABLE',
    ...(succeeded ? { RedriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven' } : {}),
    StartDate: new Date(child.startDate).toISOString(),
    StateMachineArn: child.executionArn.replace(':execution:', ':stateMachine:').replace(/:[^:]*$/, ''),
    Status: status,
    StopDate: new Date(child.stopDate).toISOString(),
  };
}
