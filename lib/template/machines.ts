import type { Environment } from './physical';
import type { Resource, Template } from './template';

/** A state machine as deployed: its definition has every reference resolved. */
export interface DeployedMachine {
  readonly stack: string;
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  readonly account: string;
  readonly definition: Readonly<Record<string, unknown>>;
}

/** The state machine that a resource makes. */
export function readMachine({ logicalId, ref, properties }: Resource, template: Template, { region, account }: Environment): DeployedMachine {
  const { DefinitionString: text, Definition: object, DefinitionSubstitutions: substitutions = {} } = properties;
  if (text === undefined && object === undefined) {
    throw new Error(
      `state machine '${logicalId}' has its definition outside the template; a local run needs DefinitionBody.fromChainable or fromString`,
    );
  }
  const definition = Object.entries(substitutions as Record<string, string>).reduce(
    (all, [key, value]) => all.replaceAll(`\${${key}}`, value),
    text === undefined ? JSON.stringify(object) : String(text),
  );
  return {
    stack: template.stack,
    logicalId,
    name: template.attributeOf(logicalId, 'Name'),
    arn: ref,
    region,
    account,
    definition: JSON.parse(definition),
  };
}
