import { integrationOf, mainTasks, stepOf } from '../../lib/asl/steps';

const task = (resource: string, next?: string, rest = {}) => ({
  Type: 'Task',
  Resource: `arn:aws:states:::${resource}`,
  ...(next === undefined ? { End: true } : { Next: next }),
  ...rest,
});

test('the integration of a resource is what follows :::, or the resource itself', () => {
  expect(integrationOf('arn:aws:states:::glue:startJobRun.sync')).toBe('glue:startJobRun.sync');
  expect(integrationOf('arn:aws:lambda:us-east-1:1:function:f')).toBe('arn:aws:lambda:us-east-1:1:function:f');
});

test('the step of a state is what stands before the colon', () => {
  expect(stepOf('Load: Submit')).toBe('Load');
  expect(stepOf('Alone')).toBe('Alone');
});

test.each([
  'lambda:invoke',
  'glue:startJobRun.sync',
  'ecs:runTask.sync',
  'states:startExecution.sync:2',
  'sns:publish',
  'aws-sdk:redshiftdata:batchExecuteStatement',
  'aws-sdk:redshiftdata:executeStatement',
])('%s is work', (resource) => {
  expect([...mainTasks({ StartAt: 'A: b', States: { 'A: b': task(resource) } })]).toEqual([['A', 'A: b']]);
});

test.each(['s3:getObject', 'dynamodb:getItem', 'aws-sdk:redshiftdata:describeStatement', 'aws-sdk:sns:publish'])('%s is none', (resource) => {
  expect([...mainTasks({ StartAt: 'A: b', States: { 'A: b': task(resource) } })]).toEqual([]);
});

test('a step goes by the first task that works, in the order of the flow, inside before after', () => {
  const inner = { StartAt: 'B: in', States: { 'B: in': task('lambda:invoke') } };
  const definition = {
    StartAt: 'A: look',
    States: {
      'B: after': task('lambda:invoke', 'A: again'),
      'A: again': task('lambda:invoke', 'A: look'),
      'A: work': task('lambda:invoke', 'B: both'),
      'B: both': { Type: 'Parallel', Branches: [inner], Next: 'B: after' },
      'A: look': task('s3:getObject', 'A: work'),
      'C: lost': task('lambda:invoke'),
    },
  };
  expect([...mainTasks(definition)]).toEqual([
    ['A', 'A: work'],
    ['B', 'B: in'],
  ]);
});
