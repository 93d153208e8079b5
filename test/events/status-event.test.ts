import type { Execution } from '../../lib/engine';
import { deliveries, statusChangeEvent } from '../../lib/events/status-event';
import type { DeployedMachine } from '../../lib/template/machines';
import type { DeployedRule } from '../../lib/template/rules';

const machine: DeployedMachine = {
  stack: 'S',
  logicalId: 'M',
  name: 'Orders',
  arn: 'arn:aws:states:us-east-1:000000000000:stateMachine:Orders',
  region: 'us-east-1',
  account: '000000000000',
  definition: {},
};
const ended = (over: Partial<Execution>): Execution => ({
  status: 'SUCCEEDED',
  history: [],
  transitions: 1,
  startDate: 1000,
  stopDate: 2000,
  ...over,
});

const rule: DeployedRule = {
  logicalId: 'Alert',
  pattern: { 'detail-type': ['Step Functions Execution Status Change'], detail: { stateMachineArn: [machine.arn], status: ['FAILED', 'ABORTED'] } },
  targets: [{ arn: 'arn:topic', inputTransformer: { InputPathsMap: { name: '$.detail.name' }, InputTemplate: '{"run":<name>}' } }],
};

test('the event has the shape of the service, its detail that of DescribeExecution', () => {
  expect(statusChangeEvent(machine, 'run-1', { a: 1 }, ended({ output: { ok: true } }))).toMatchObject({
    source: 'aws.states',
    'detail-type': 'Step Functions Execution Status Change',
    resources: ['arn:aws:states:us-east-1:000000000000:execution:Orders:run-1'],
    detail: {
      executionArn: 'arn:aws:states:us-east-1:000000000000:execution:Orders:run-1',
      stateMachineArn: machine.arn,
      name: 'run-1',
      status: 'SUCCEEDED',
      startDate: 1000,
      stopDate: 2000,
      input: '{"a":1}',
      output: '{"ok":true}',
      error: null,
      cause: null,
    },
  });
});

test('a rule sends what it matches through its transformer, and nothing else', () => {
  const failed = statusChangeEvent(machine, 'run-1', {}, ended({ status: 'FAILED', error: 'E' }));
  expect(deliveries([rule], failed)).toEqual([{ arn: 'arn:topic', message: '{"run":"run-1"}' }]);
  expect(deliveries([rule], statusChangeEvent(machine, 'run-2', {}, ended({})))).toEqual([]);
});
