import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
}

/** What the policies of a role allow, as `action: resources`, sorted; the role is named by the start of its policies' logical ids. */
export function grantsOf(stack: Stack, role: string): string[] {
  return Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith(role))
    .flatMap(([, policy]) => policy.Properties.PolicyDocument.Statement as Statement[])
    .flatMap(({ Action, Resource }) => [Action].flat().map((action) => `${action}: ${[Resource].flat().map(render).join(', ')}`))
    .sort();
}

function render(resource: unknown): string {
  if (typeof resource === 'string') return resource;
  const [[name, argument]] = Object.entries(resource as Record<string, unknown>) as [[string, unknown]];
  if (name === 'Fn::Join') return (argument as [string, unknown[]])[1].map(render).join('');
  // Logical ids end in a hash of the path, which says nothing here.
  const id = [argument]
    .flat()
    .join('.')
    .replace(/[0-9A-F]{8}/, '');
  return `<${id}>`;
}
