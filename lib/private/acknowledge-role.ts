import type { IRole } from 'aws-cdk-lib/aws-iam';
import { acknowledgeWildcard } from './acknowledge';

/** Why the role of a state machine has statements on every resource. */
export function acknowledgePipelineRole(role: IRole): void {
  acknowledgeWildcard(
    role,
    '*',
    'AWS has no resource scope for log delivery and X-Ray, nor for redshift-data:DescribeStatement and CancelStatement, which see only statements of this role.',
  );
}
