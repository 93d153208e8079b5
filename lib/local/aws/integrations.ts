import { TaskError } from '../../engine';
import type { LocalAws } from '.';
import { type AwsError, notEmulated } from './error';
import { causeOf, type Integration, integration, sdkMetadata, textOf } from './integration';
import { s3Integrations } from './s3/integrations';

/** Messages, items and small objects, by what follows `:::` in a Task's resource. Secrets Manager is not among them: secrets never travel in state. */
export function awsIntegrations(aws: LocalAws): Record<string, Integration> {
  return { ...s3Integrations(aws.s3), ...dynamoDbIntegrations(aws), 'sns:publish': snsPublish(aws) };
}

const ITEM_FIELDS: Readonly<Record<string, readonly [required: string[], optional: string[]]>> = {
  GetItem: [
    ['TableName', 'Key'],
    ['AttributesToGet', 'ConsistentRead', 'ExpressionAttributeNames', 'ProjectionExpression', 'ReturnConsumedCapacity'],
  ],
  PutItem: [
    ['TableName', 'Item'],
    [
      'ConditionalOperator',
      'ConditionExpression',
      'Expected',
      'ExpressionAttributeNames',
      'ExpressionAttributeValues',
      'ReturnConsumedCapacity',
      'ReturnItemCollectionMetrics',
      'ReturnValues',
    ],
  ],
  UpdateItem: [
    ['TableName', 'Key'],
    [
      'AttributeUpdates',
      'ConditionalOperator',
      'ConditionExpression',
      'Expected',
      'ExpressionAttributeNames',
      'ExpressionAttributeValues',
      'ReturnConsumedCapacity',
      'ReturnItemCollectionMetrics',
      'ReturnValues',
      'UpdateExpression',
    ],
  ],
  DeleteItem: [
    ['TableName', 'Key'],
    [
      'ConditionalOperator',
      'ConditionExpression',
      'Expected',
      'ExpressionAttributeNames',
      'ExpressionAttributeValues',
      'ReturnConsumedCapacity',
      'ReturnItemCollectionMetrics',
      'ReturnValues',
    ],
  ],
};

function dynamoDbIntegrations(aws: LocalAws): Record<string, Integration> {
  const errors = (error: AwsError) => {
    // What the API does not name as an exception comes under the name of the SDK's client.
    const name = error.code.endsWith('Exception') && error.code !== 'ValidationException' ? error.code : 'AmazonDynamoDBException';
    return new TaskError(`DynamoDB.${name}`, causeOf('AmazonDynamoDBv2', error));
  };
  const entries = Object.entries(ITEM_FIELDS).map(([operation, [required, optional]]): [string, Integration] => [
    `dynamodb:${operation.charAt(0).toLowerCase()}${operation.slice(1)}`,
    integration({ required, optional }, async (args) => ({ ...(await aws.dynamodb(operation, args)), ...sdkMetadata() }), errors, aws.s3.folder),
  ]);
  return Object.fromEntries(entries);
}

function snsPublish(aws: LocalAws): Integration {
  const fields = { required: ['Message'], optional: ['MessageAttributes', 'Subject', 'TargetArn', 'TopicArn'] };
  const publish = async (args: Record<string, unknown>) => {
    const topicArn = args.TopicArn ?? args.TargetArn;
    if (topicArn === undefined) throw notEmulated('sns:publish without a topic');
    const attributes = attributesOf(args.MessageAttributes);
    const { messageId } = await aws.topics.publish({
      topicArn: String(topicArn),
      message: textOf(args.Message),
      ...(args.Subject !== undefined && { subject: String(args.Subject) }),
      ...(attributes && { attributes }),
    });
    return { MessageId: messageId, ...sdkMetadata() };
  };
  const errors = (error: AwsError) => new TaskError(`SNS.${error.code}Exception`, causeOf('AmazonSNS', error));
  return integration(fields, publish, errors, aws.s3.folder);
}

function attributesOf(given: unknown): Record<string, string> | undefined {
  if (given === undefined) return undefined;
  const attributes = given as Record<string, { readonly StringValue?: string }>;
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { StringValue }]) => {
      if (StringValue === undefined) throw notEmulated('message attributes that are not strings');
      return [name, StringValue];
    }),
  );
}
