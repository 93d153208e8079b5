import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Records why a finding of AwsSolutions (cdk-nag) stands, so that users who run it over their app see no finding of ours. */
export function acknowledge(construct: IConstruct, id: string, reason: string): void {
  Validations.of(construct).acknowledge({ id, reason });
}

/** The same for a statement on a resource that ends in a wildcard. */
export function acknowledgeWildcard(construct: IConstruct, resource: string, reason: string): void {
  acknowledge(construct, `AwsSolutions-IAM5[Resource::${asFinding(Stack.of(construct).resolve(resource))}]`, reason);
}

/** cdk-nag writes references as `<LogicalId.Attribute>`. */
function asFinding(resolved: unknown): string {
  if (typeof resolved === 'string') return resolved;
  const [name, argument] = Object.entries(resolved as Record<string, unknown>)[0]!;
  if (name === 'Fn::Join') return (argument as [string, unknown[]])[1].map(asFinding).join((argument as [string, unknown[]])[0]);
  if (name === 'Fn::GetAtt') return `<${(argument as string[]).join('.')}>`;
  return `<${argument as string}>`;
}
