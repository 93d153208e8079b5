import { polledCall, serviceCall } from '../../lib/asl/polled-services';
import { pass, sdk, task } from './support';

test.each([
  ['arn:aws:states:::glue:startJobRun.sync', { service: 'glue', action: 'startJobRun' }],
  ['arn:aws-cn:states:cn-north-1:123456789012:aws-sdk:redshiftdata:describeStatement', { service: 'redshiftdata', action: 'describeStatement' }],
  ['arn:aws:lambda:eu-west-1:123456789012:function:clean', undefined],
])('the integration %s calls %j', (Resource, called) => {
  expect(serviceCall(task({ Resource }))).toEqual(called);
});

test('only a Task calls a service, and one whose Resource is no text calls none', () => {
  expect(serviceCall(pass({ Resource: 'arn:aws:states:::sns:publish' }))).toBeUndefined();
  expect(serviceCall(task({ Resource: ['arn:aws:states:::sns:publish'] as never }))).toBeUndefined();
});

test('a call that nobody polls has no statuses', () => {
  expect(polledCall(sdk('glue:getJobRun'))?.terminal).toContain('SUCCEEDED');
  expect(polledCall(sdk('glue:startJobRun'))).toBeUndefined();
});
