import type { State } from '../../../lib/asl';
import { broken, distributed, machine, task, wait } from '../support';

const within = (states: Record<string, State>, ExecutionType = 'EXPRESS') => {
  const map = distributed(states);
  return machine({ A: { ...map, ItemProcessor: { ...map.ItemProcessor!, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType } } } as State });
};

const REFUSED: [string, State][] = [
  ['waits for a job to end (.sync)', task({ Resource: 'arn:aws:states:::glue:startJobRun.sync' })],
  ['waits for a job to end (.sync)', task({ Resource: 'arn:aws:states:::states:startExecution.sync:2' })],
  ['waits for a task token', task({ Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken' })],
  ['is an activity', task({ Resource: 'arn:aws:states:us-east-1:111111111111:activity:people' })],
  ['is a distributed Map', distributed({ C: task() })],
];

test.each(REFUSED)('what %s is refused in Express children', (what, state) => {
  expect(broken('express-integrations', within({ B: state }))).toEqual([
    `error B: ${state.Type.toLowerCase()} 'B' ${what}, which the Express executions of map 'A' cannot do; run it in Standard executions: mapExecutionType StateMachineType.STANDARD`,
  ]);
  expect(broken('express-integrations', within({ B: state }, 'STANDARD'))).toEqual([]);
});

test('a call and its answer fit', () => {
  expect(broken('express-integrations', within({ B: task() }))).toEqual([]);
});

test('waits count against the 5 minutes, too', () => {
  const states = (seconds: number) => ({ B: wait({ Seconds: seconds }), C: task({ TimeoutSeconds: 60 }) });
  expect(broken('express-children', within(states(240)))).toEqual([]);
  expect(broken('express-children', within(states(241)))).toEqual([expect.stringContaining("task 'C' and wait 'B'")]);
});
