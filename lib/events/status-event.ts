import type { Execution } from '../engine';
import type { DeployedMachine } from '../template/machines';
import type { DeployedRule } from '../template/rules';
import { targetInput } from './event-input';
import { matchesPattern } from './event-pattern';

/** The event that Step Functions sends to the default bus when an execution ends; its detail mirrors DescribeExecution. */
export function statusChangeEvent(machine: DeployedMachine, name: string, input: unknown, execution: Execution): Readonly<Record<string, unknown>> {
  const executionArn = `${machine.arn.replace(':stateMachine:', ':execution:')}:${name}`;
  return {
    version: '0',
    id: name,
    'detail-type': 'Step Functions Execution Status Change',
    source: 'aws.states',
    account: machine.account,
    time: new Date(execution.stopDate).toISOString(),
    region: machine.region,
    resources: [executionArn],
    detail: {
      executionArn,
      stateMachineArn: machine.arn,
      name,
      status: execution.status,
      startDate: execution.startDate,
      stopDate: execution.stopDate,
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
