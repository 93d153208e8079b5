import type { Execution } from '../engine';
import type { DeployedMachine } from '../template/machines';
import type { DeployedRule } from '../template/rules';
import { targetInput } from './event-input';
import { matchesPattern } from './event-pattern';

/** An execution that has just started or has ended. */
export type ExecutionStatus = Pick<Execution, 'output' | 'error' | 'cause' | 'startDate'> & {
  readonly status: Execution['status'] | 'RUNNING';
  readonly stopDate?: number;
};

/** The event that Step Functions sends to the default bus when an execution starts or ends; its detail mirrors DescribeExecution. */
export function statusChangeEvent(
  machine: Pick<DeployedMachine, 'arn' | 'account' | 'region'>,
  name: string,
  input: unknown,
  execution: ExecutionStatus,
): Readonly<Record<string, unknown>> {
  const executionArn = `${machine.arn.replace(':stateMachine:', ':execution:')}:${name}`;
  return {
    version: '0',
    id: name,
    'detail-type': 'Step Functions Execution Status Change',
    source: 'aws.states',
    account: machine.account,
    time: new Date(execution.stopDate ?? execution.startDate).toISOString(),
    region: machine.region,
    resources: [executionArn],
    detail: {
      executionArn,
      stateMachineArn: machine.arn,
      name,
      status: execution.status,
      startDate: execution.startDate,
      stopDate: execution.stopDate ?? null,
      input: JSON.stringify(input),
      output: execution.output === undefined ? null : JSON.stringify(execution.output),
      error: execution.error ?? null,
      cause: execution.cause ?? null,
    },
  };
}

/** What an event's rules send, judged by their own patterns. */
export function deliveries(
  rules: readonly DeployedRule[],
  event: Readonly<Record<string, unknown>>,
): { readonly arn: string; readonly message: string }[] {
  return rules
    .filter(({ pattern }) => matchesPattern(pattern, event))
    .flatMap(({ targets }) => targets.map((target) => ({ arn: target.arn, message: targetInput(target, event) })));
}
