import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';

/** What a role needs to publish to the topic, its customer managed key included (`sns:Publish` alone fails with KMSAccessDenied). */
export function publishStatements(topic: ITopic): PolicyStatement[] {
  const publish = new PolicyStatement({ actions: ['sns:Publish'], resources: [topic.topicArn] });
  if (!topic.masterKey) return [publish];
  return [publish, new PolicyStatement({ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [topic.masterKey.keyArn] })];
}
