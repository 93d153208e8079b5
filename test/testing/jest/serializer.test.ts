import { Template } from 'aws-cdk-lib/assertions';
import { MinimalStack } from '../../../examples/minimal/stack';
import { aslOf, formatAsl } from '../../../lib/testing';
import { serializer } from '../../../lib/testing/jest/serializer';
import { testApp } from '../../support/app';

const stack = new MinimalStack(testApp(), 'Minimal');

test('a definition is written as formatAsl does', () => {
  const asl = aslOf(stack);
  expect(serializer.test(asl)).toBe(true);
  expect(serializer.serialize(asl)).toBe(formatAsl(asl));
});

test('the state machine in a template is one that people can read', () => {
  const text = serializer.serialize(Template.fromStack(stack).toJSON());
  expect(text).toContain('"DefinitionString": {\n');
  expect(text).toContain('"FunctionName": "${ExtractFunction2BADC636.Arn}"');
});

test('asset hashes are numbers in the order in which they appear, the same for the same asset', () => {
  const hash = (digit: string) => digit.repeat(64);
  const functionOf = (asset: string) => ({ Type: 'AWS::Lambda::Function', Properties: { Code: { S3Key: `${asset}.zip` } } });
  const template = { Resources: { A: functionOf(hash('b')), B: functionOf(hash('a')), C: functionOf(hash('b')) } };
  const keys = serializer.serialize(template).match(/<asset \d+>\.zip/g);
  expect(keys).toEqual(['<asset 1>.zip', '<asset 2>.zip', '<asset 1>.zip']);
  expect(serializer.serialize(Template.fromStack(stack).toJSON())).not.toMatch(/[0-9a-f]{64}/);
});

test('other values are left to others', () => {
  for (const value of [null, 'text', [], {}, { States: {} }, { Resources: { A: { Name: 'x' } } }, { StartAt: 'A' }])
    expect(serializer.test(value)).toBe(false);
});
