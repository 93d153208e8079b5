import type { Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { RdsExtract, SnsNotify, type SnsNotifyProps } from '../../lib';
import { aslOf } from '../../lib/testing';
import { testStack } from '../support/app';
import { existing } from '../support/existing';
import { expectGolden, ofStep } from '../support/golden';
import { grantsOf } from '../support/grants';
import { pipelineOf, synthErrors } from '../support/stacks';

function notified(props: Partial<SnsNotifyProps> = {}, stack = testStack()): Stack {
  const topic = new Topic(stack, 'Topic', { masterKey: new Key(stack, 'Key') });
  const extract = new RdsExtract(stack, 'Extract', { source: existing(stack).source, table: 'orders' });
  pipelineOf(stack, extract.next(new SnsNotify(stack, 'Notify', { topic, ...props })));
  return stack;
}

test('has the states of its golden file', () => {
  const stack = notified();
  expect(synthErrors(stack)).toBe('');
  expectGolden('sns-notify', ofStep(aslOf(stack), 'Notify'));
});

test('says counts, skipped load, rejected rows, run id and where to look', () => {
  const { Message, Subject } = aslOf(notified()).States['Notify: Publish']!.Arguments as Record<string, string>;
  for (const part of ['$dataset.counts', 'the load was skipped', '$dataset.rejects', 'Execution.Name', 'console.aws.amazon.com']) {
    expect(Message).toContain(part);
  }
  expect(Subject).toContain('0, 99');
});

test('takes a subject and a message of your own, and then needs no dataset', () => {
  const stack = testStack();
  const topic = new Topic(stack, 'Topic');
  pipelineOf(stack, new SnsNotify(stack, 'Notify', { topic, subject: 'Done', message: '{% $states.context.Execution.Name %}' }));
  expect(aslOf(stack).States['Notify: Publish']!.Arguments).toMatchObject({ Subject: 'Done', Message: '{% $states.context.Execution.Name %}' });
  expect(synthErrors(stack)).toBe('');
});

test('may publish, and use the key of the topic', () => {
  expect(grantsOf(notified(), 'PipelineStateMachineRole')).toEqual(
    expect.arrayContaining(['kms:Decrypt: <Key.Arn>', 'kms:GenerateDataKey: <Key.Arn>', 'sns:Publish: <Alerts>, <Topic>']),
  );
});

test('fails when the topic is missing', () => {
  expect(() => notified({ topic: undefined })).toThrow('[Test/Notify] a topic is missing; pass an sns.ITopic');
});
