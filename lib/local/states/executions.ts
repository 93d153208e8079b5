import { randomUUID } from 'node:crypto';
import { type HistoryEvent, type Machine, resumptionOf } from '../../engine';
import { notEmulated } from '../aws/error';
import { states } from './errors';
import { eventOf } from './event';
import type { Executor } from './executor';
import type { Machines } from './machines';
import { checkArn, checkName, executionArn } from './names';
import { ARN, type Operation, operation, PAGE, STOP_REASON, seconds, UNLOGGED } from './operation';
import { page } from './page';
import type { ExecutionRecord, Store } from './store';

const NAME = { type: 'string', min: 1, max: 80 } as const;
const INPUT = { type: 'string', max: 262_144, data: true } as const;
const TOKEN = { type: 'string', min: 1, max: 64 } as const;
const STATUS = { type: 'string', values: ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE'] } as const;
const HISTORY = { executionArn: ARN, ...PAGE, reverseOrder: { type: 'boolean' }, includeExecutionData: { type: 'boolean' } } as const;

const DAYS_14_MS = 14 * 24 * 3600 * 1000;
/** With one more event the execution would have no room for its end. */
const MOST_EVENTS = 24_999;

/** The operations on executions. */
export function executionOperations(machines: Machines, executor: Executor, store: Store): Record<string, Operation> {
  const find = (arn: string): ExecutionRecord => {
    checkArn(arn, 'execution');
    const execution = store.executions.get(arn);
    if (execution === undefined) throw states.executionDoesNotExist(arn);
    return execution;
  };
  /** Why the service would not redrive an execution, in its words; undefined if it would. */
  const notRedrivable = (execution: ExecutionRecord): string | undefined => {
    const { status, stopDate } = execution;
    if (status === 'RUNNING' || status === 'SUCCEEDED') return `Execution is ${status} and cannot be redriven`;
    if (executor.events(execution).length >= MOST_EVENTS) return 'Execution history event limit exceeded';
    return executor.now() - stopDate! > DAYS_14_MS ? 'Execution redrivable period exceeded' : undefined;
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

    DescribeExecution: operation('DescribeExecution', { executionArn: ARN }, ({ executionArn: arn }) =>
      described(find(arn), notRedrivable(find(arn))),
    ),

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

    RedriveExecution: operation('RedriveExecution', { executionArn: ARN, clientToken: TOKEN }, ({ executionArn: arn, clientToken }) => {
      const execution = find(arn);
      machines.active(execution.stateMachineArn);
      const { redrives } = execution;
      if (clientToken !== undefined && redrives?.clientToken === clientToken) return { redriveDate: seconds(redrives.date) };
      const reason = notRedrivable(execution);
      if (reason !== undefined) throw states.executionNotRedrivable(arn, reason);
      checkWhole(execution, executor.events(execution));
      return { redriveDate: seconds(executor.redrive(execution, clientToken).redrives!.date) };
    }),

    DescribeStateMachineForExecution: operation('DescribeStateMachineForExecution', { executionArn: ARN }, ({ executionArn: arn }) => {
      const { stateMachineArn, name, definition, roleArn, creationDate, updateDate = creationDate, revisionId } = find(arn).machine;
      return { stateMachineArn, name, definition, roleArn, updateDate: seconds(updateDate), revisionId, ...UNLOGGED };
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

/** Throws for what the service would redrive and this endpoint cannot: it starts a state again as a whole. */
function checkWhole({ machine }: ExecutionRecord, events: readonly HistoryEvent[]): void {
  const definition = JSON.parse(machine.definition) as Machine;
  const { state } = resumptionOf(definition, events) ?? {};
  const type = state === undefined ? undefined : definition.States[state]!.Type;
  if (type === undefined) throw notEmulated('RedriveExecution of an execution that ended between two states; start a new one');
  if (type === 'Parallel' || type === 'Map') {
    throw notEmulated(
      `RedriveExecution inside a ${type}, which starts only what failed in it again, and the execution ended in '${state}'; start a new one`,
    );
  }
}

function checkInput(input: string): void {
  if (input === '') throw states.invalidExecutionInput('Invalid execution input.');
  try {
    JSON.parse(input);
  } catch {
    throw states.invalidExecutionInput('the input is not valid JSON');
  }
}

const listed = ({ executionArn: arn, stateMachineArn, name, status, startDate, stopDate, redrives }: ExecutionRecord) => ({
  executionArn: arn,
  stateMachineArn,
  name,
  status,
  startDate: seconds(startDate),
  stopDate: stopDate === undefined ? undefined : seconds(stopDate),
  redriveCount: redrives?.count ?? 0,
  redriveDate: redrives && seconds(redrives.date),
});

function described(execution: ExecutionRecord, notRedrivable: string | undefined): object {
  const { input, output, error, cause } = execution;
  const included = { included: true };
  return {
    ...listed(execution),
    input,
    inputDetails: included,
    ...(output === undefined ? {} : { output, outputDetails: included }),
    error,
    cause,
    redriveStatus: notRedrivable === undefined ? 'REDRIVABLE' : 'NOT_REDRIVABLE',
    redriveStatusReason: notRedrivable,
  };
}
