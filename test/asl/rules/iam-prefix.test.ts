import { broken, machine, parallel, sdk, task } from '../support';

const LOAD = machine({ A: parallel([{ B: sdk('redshiftdata:batchExecuteStatement') }]) });

test('an action with the name of the integration is refused where IAM has another', () => {
  expect(broken('iam-prefix', LOAD, { actions: ['redshiftdata:batchExecuteStatement'] })).toEqual([
    "error B: task 'B' is granted 'redshiftdata:batchExecuteStatement', which IAM does not know; pass iamAction: 'redshift-data:BatchExecuteStatement'",
  ]);
  expect(broken('iam-prefix', machine({ A: sdk('rdsdata:executeStatement') }), { actions: ['rdsdata:executeStatement'] })).toEqual([
    expect.stringContaining("'rds-data:ExecuteStatement'"),
  ]);
});

test.each(['redshift-data:BatchExecuteStatement', 'redshift-data:*', 'redshift-data:Batch*', '*'])(
  'with %s granted, too, it does no harm',
  (action) => {
    expect(broken('iam-prefix', LOAD, { actions: ['redshiftdata:batchExecuteStatement', action] })).toEqual([]);
  },
);

test('another action granted rightly does not make up for it', () => {
  expect(broken('iam-prefix', LOAD, { actions: ['redshiftdata:batchExecuteStatement', 'redshift-data:DescribeStatement'] })).toHaveLength(1);
});

test('services whose prefix is their name, calls that are not granted here, and other integrations are in order', () => {
  expect(broken('iam-prefix', machine({ A: sdk('glue:getJobRun') }), { actions: ['glue:getJobRun'] })).toEqual([]);
  expect(broken('iam-prefix', LOAD, { actions: ['s3:GetObject'] })).toEqual([]);
  expect(broken('iam-prefix', LOAD)).toEqual([]);
  expect(broken('iam-prefix', machine({ A: task() }), { actions: ['lambda:InvokeFunction'] })).toEqual([]);
});
