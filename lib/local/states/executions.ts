import { randomUUID } from 'node:crypto';
import { states } from './errors';
import { eventOf } from './event';
import type { Executor } from './executor';
import type { Machines } from './machines';
import { checkArn, checkName, executionArn } from './names';
import { ARN, type Operation, operation, PAGE, STOP_REASON, seconds } from './operation';
import { page } from './page';
import type { ExecutionRecord, Store } from './store';

const NAME = { type: 'string', min: 1, max: 80 } as const;
const INPUT = { type: 'string', max: 262_144, data: true } as const;
const STATUS = { type: 'string', values: ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE'] } as const;
const HISTORY = { executionArn: ARN, ...PAGE, reverseOrder: { type: 'boolean' }, includeExecutionData: { type: 'boolean' } } as const;

/** The operations on executions. */
export function executionOperations(machines: Machines, executor: Executor, store: Store): Record<string, Operation> {
  const find = (arn: string): ExecutionRecord => {
    checkArn(arn, 'execution');
    const execution = store.executions.get(arn);
    if (execution === undefined) throw states.executionDoesNotExist(arn);
    return execution;
  };
  return {
    StartExecution: operation('StartExecution', { stateMachineArn: ARN, name: NAME, input: INPUT }, (asked) => {
      const { stateMachineArn, name = randomUUID(), input = '{}' } = asked;
      const machine = machines.active(stateMachineArn);
      checkName(name);
      checkInput(input);
      const arn = executionArn(stateMachineArn, name);
      const before = store.executions.get(arn);
      if (before !== undefined && (before.status !== 'RUNNING' || before.input !== input)) throw states.executionAlreadyExists(arn);
      const { startDate } = before ?? executor.start(machine, name, input);
      return { executionArn: arn, startDate: seconds(startDate) };
    }),

    DescribeExecution: operation('DescribeExecution', { executionArn: ARN }, ({ executionArn: arn }) => described(find(arn))),

    ListExecutions: operation('ListExecutions', { stateMachineArn: ARN, statusFilter: STATUS, ...PAGE }, (asked) => {
      const { stateMachineArn } = machines.find(asked.stateMachineArn);
      const { statusFilter } = asked;
      const all = store.executionsOf(stateMachineArn).filter(({ status }) => statusFilter === undefined || status === statusFilter);
      const scope = `ListExecutions ${stateMachineArn} ${statusFilter}`;
      const { items, nextToken } = page(all.reverse(), asked, scope, ({ executionArn: arn }) => arn);
      return { executions: items.map(listed), nextToken };
    }),

    StopExecution: operation('StopExecution', { executionArn: ARN, ...STOP_REASON }, async ({ executionArn: arn, error, cause }) => {
      find(arn);
      await executor.stop(arn, error, cause);
      return { stopDate: seconds(find(arn).stopDate!) };
    }),

    GetExecutionHistory: operation('GetExecutionHistory', HISTORY, (asked) => {
      const { executionArn: arn, reverseOrder = false, includeExecutionData = true } = asked;
      const events = executor.events(find(arn));
      const scope = `GetExecutionHistory ${arn} ${reverseOrder} ${includeExecutionData}`;
      const { items, nextToken } = page(reverseOrder ? events.toReversed() : events, asked, scope, ({ id }) => String(id));
      return { events: items.map((event) => eventOf(event, includeExecutionData)), nextToken };
    }),
  };
}

function checkInput(input: string): void {
  if (input === '') throw states.invalidExecutionInput('Invalid execution input.');
  try {
    JSON.parse(input);
  } catch {
    throw states.invalidExecutionInput('the input is not valid JSON');
  }
}

const listed = ({ executionArn: arn, stateMachineArn, name, status, startDate, stopDate }: ExecutionRecord) => ({
  executionArn: arn,
  stateMachineArn,
  name,
  status,
  startDate: seconds(startDate),
  stopDate: stopDate === undefined ? undefined : seconds(stopDate),
  redriveCount: 0,
});

function described(execution: ExecutionRecord): object {
  const { status, input, output, error, cause } = execution;
  const included = { included: true };
  const final = status === 'RUNNING' || status === 'SUCCEEDED';
  return {
    ...listed(execution),
    input,
    inputDetails: included,
    ...(output === undefined ? {} : { output, outputDetails: included }),
    error,
    cause,
    redriveStatus: 'NOT_REDRIVABLE',
    redriveStatusReason: final ? `Execution is ${status} and cannot be redriven` : 'the local endpoint does not emulate RedriveExecution',
  };
}
