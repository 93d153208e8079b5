import { Aspects, Stack, Validations } from 'aws-cdk-lib';
import type { IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct, type IConstruct } from 'constructs';

/** Records why a finding of AwsSolutions (cdk-nag) stands, so that users who run it over their app see no finding of ours. */
export function acknowledge(construct: IConstruct, id: string, reason: string): void {
  Validations.of(construct).acknowledge({ id, reason });
}

/** The same for a statement of a role, or of what stands for one, on a resource that ends in a wildcard. */
export function acknowledgeWildcard(grantee: IGrantable, resource: string, reason: string): void {
  const role = grantee.grantPrincipal;
  if (!Construct.isConstruct(role)) return;
  acknowledge(role, `AwsSolutions-IAM5[Resource::${asFinding(Stack.of(role).resolve(resource))}]`, reason);
}

/** The same for a policy whose resource is known only once the app is complete. */
export function acknowledgeAtSynthesis(policy: IConstruct, resource: string, reason: string): void {
  const visit = (node: IConstruct) => {
    if (node === policy) acknowledge(policy, `AwsSolutions-IAM5[Resource::${asFinding(Stack.of(policy).resolve(resource))}]`, reason);
  };
  Aspects.of(policy).add({ visit });
}

const reasons = new WeakMap<PolicyStatement, string>();

/** Keeps why a statement has a wildcard until it is known whose statement it becomes. */
export function explain(statement: PolicyStatement, reason: string): PolicyStatement {
  reasons.set(statement, reason);
  return statement;
}

/** Acknowledges the wildcards of the statements that were explained. */
export function acknowledgeExplained(grantee: IGrantable, statements: PolicyStatement[]): void {
  for (const statement of statements) {
    const reason = reasons.get(statement);
    if (reason) for (const resource of statement.resources) acknowledgeWildcard(grantee, resource, reason);
  }
}

/** cdk-nag writes references as `<LogicalId.Attribute>`. */
function asFinding(resolved: unknown): string {
  if (typeof resolved === 'string') return resolved;
  const [name, argument] = Object.entries(resolved as Record<string, unknown>)[0]!;
  if (name === 'Fn::Join') return (argument as [string, unknown[]])[1].map(asFinding).join((argument as [string, unknown[]])[0]);
  if (name === 'Fn::GetAtt') return `<${(argument as string[]).join('.')}>`;
  return `<${argument as string}>`;
}
