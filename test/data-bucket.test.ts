import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { DataBucket } from '../lib';
import { testStack } from './support/app';

test('is private, encrypted, reached over TLS only, and kept when its stack goes', () => {
  const stack = testStack();
  DataBucket.of(stack);
  const template = Template.fromStack(stack);
  template.hasResource('AWS::S3::Bucket', {
    DeletionPolicy: 'Retain',
    Properties: {
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
    },
  });
  template.hasResourceProperties('AWS::S3::BucketPolicy', {
    PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })]) },
  });
});

test('lets what is on its way expire after a month, rejected rows after a year, and abandoned uploads after a day', () => {
  const stack = testStack();
  DataBucket.of(stack);
  Template.fromStack(stack).hasResourceProperties('AWS::S3::Bucket', {
    LifecycleConfiguration: {
      Rules: [
        { Id: 'work', Prefix: 'work/', ExpirationInDays: 30, Status: 'Enabled' },
        { Id: 'runs', Prefix: 'runs/', ExpirationInDays: 30, Status: 'Enabled' },
        { Id: 'rejects', Prefix: 'rejects/', ExpirationInDays: 365, Status: 'Enabled' },
        { Id: 'uploads', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, Status: 'Enabled' },
      ],
    },
  });
});

test('is the same for everything in a stack', () => {
  const stack = testStack();
  expect(DataBucket.of(stack)).toBe(DataBucket.of(stack));
});

test('takes a key and times of your own', () => {
  const stack = testStack();
  new DataBucket(stack, 'Bucket', {
    encryptionKey: new Key(stack, 'Key'),
    workExpiration: Duration.days(3),
    rejectsExpiration: Duration.days(30),
    removalPolicy: RemovalPolicy.DESTROY,
  });
  Template.fromStack(stack).hasResource('AWS::S3::Bucket', {
    DeletionPolicy: 'Delete',
    Properties: {
      BucketEncryption: { ServerSideEncryptionConfiguration: [Match.objectLike({ BucketKeyEnabled: true })] },
      LifecycleConfiguration: { Rules: Match.arrayWith([Match.objectLike({ Id: 'work', ExpirationInDays: 3 })]) },
    },
  });
});
