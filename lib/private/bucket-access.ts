import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';
import { acknowledgeWildcard } from './acknowledge';

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

function allow(grantee: IGrantable, bucket: IBucket, areas: string[], actions: string[]): void {
  const resources = areas.map((area) => bucket.arnForObjects(`${area}/*`));
  grantee.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions, resources }));
  acknowledgeObjects(grantee as unknown as IConstruct, bucket, ...areas);
}

/** Why a role has a wildcard over objects: what steps write is named at run time. */
export function acknowledgeObjects(construct: IConstruct, bucket: IBucket, ...areas: string[]): void {
  for (const area of areas) {
    acknowledgeWildcard(
      construct,
      bucket.arnForObjects(`${area}/*`),
      'Keys hold the run id, which is known at run time only; the statement ends at the area.',
    );
  }
}
