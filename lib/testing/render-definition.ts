import type { StateMachineAsl } from '../asl';

/** A `DefinitionString` as the JSON it stands for, each reference shown as `${LogicalId}` or `${LogicalId.Attribute}`. */
export function renderDefinition(definitionString: unknown): StateMachineAsl {
  return JSON.parse(render(definitionString));
}

function render(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[name, argument]] = Object.entries(value as Record<string, unknown>) as [[string, unknown]];
  switch (name) {
    case 'Ref':
      return `\${${argument}}`;
    case 'Fn::GetAtt':
      return `\${${(argument as string[]).join('.')}}`;
    case 'Fn::Join': {
      const [separator, parts] = argument as [string, unknown[]];
      return parts.map(render).join(separator);
    }
    default:
      return `\${${name} ${JSON.stringify(argument).replaceAll('"', "'")}}`;
  }
}
