import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { acknowledgeWildcard, explain } from './acknowledge';

/** Lets a role read objects under `<area>/`, and nothing else of the bucket. */
export function allowRead(grantee: IGrantable, bucket: IBucket, ...areas: string[]): void {
  allow(grantee, bucket, areas, ['s3:GetObject']);
  bucket.encryptionKey?.grantDecrypt(grantee);
}

/** Lets a role write objects under `<area>/`, in parts if large. */
export function allowWrite(grantee: IGrantable, bucket: IBucket, ...areas: string[]): void {
  allow(grantee, bucket, areas, ['s3:PutObject', 's3:AbortMultipartUpload']);
  bucket.encryptionKey?.grantEncryptDecrypt(grantee);
}

/** Lets a role list objects under `<area>/` and delete there: Spark moves what it wrote to where it belongs. */
export function allowMove(grantee: IGrantable, bucket: IBucket, area: string): void {
  allow(grantee, bucket, [area], ['s3:DeleteObject']);
  const conditions = { StringLike: { 's3:prefix': `${area}/*` } };
  grantee.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucket.bucketArn], conditions }));
}

/** Lets the state machine itself read objects under `<area>/`. */
export function readStatements(bucket: IBucket, area: string): PolicyStatement[] {
  const read = explain(new PolicyStatement({ actions: ['s3:GetObject'], resources: [bucket.arnForObjects(`${area}/*`)] }), REASON);
  const key = bucket.encryptionKey;
  return key ? [read, new PolicyStatement({ actions: ['kms:Decrypt'], resources: [key.keyArn] })] : [read];
}

/** Lets the state machine itself write and read objects under `<area>/`. */
export function keepStatements(bucket: IBucket, area: string): PolicyStatement[] {
  const resources = [bucket.arnForObjects(`${area}/*`)];
  const keep = explain(new PolicyStatement({ actions: ['s3:PutObject', 's3:GetObject'], resources }), REASON);
  const key = bucket.encryptionKey;
  return key ? [keep, new PolicyStatement({ actions: ['kms:Decrypt', 'kms:GenerateDataKey*'], resources: [key.keyArn] })] : [keep];
}

/** Lets the state machine itself write objects under `<area>/`. */
export function writeStatements(bucket: IBucket, area: string): PolicyStatement[] {
  const write = explain(new PolicyStatement({ actions: ['s3:PutObject'], resources: [bucket.arnForObjects(`${area}/*`)] }), REASON);
  const key = bucket.encryptionKey;
  return key ? [write, new PolicyStatement({ actions: ['kms:Decrypt', 'kms:GenerateDataKey*'], resources: [key.keyArn] })] : [write];
}

const REASON = 'Keys hold the run id, which is known at run time only; the statement ends at the area.';

function allow(grantee: IGrantable, bucket: IBucket, areas: string[], actions: string[]): void {
  const resources = areas.map((area) => bucket.arnForObjects(`${area}/*`));
  grantee.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions, resources }));
  for (const resource of resources) acknowledgeWildcard(grantee, resource, REASON);
}
