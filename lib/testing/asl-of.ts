import { Template } from 'aws-cdk-lib/assertions';
import type { Stack } from 'aws-cdk-lib/core';
import type { StateMachineAsl } from '../asl';
import { renderDefinition } from './render-definition';

/**
 * The definition of a stack's state machine as JSON, each reference shown as `${LogicalId}` or `${LogicalId.Attribute}`, so that it can be read,
 * compared and kept as a file. Asset hashes are not part of it.
 *
 * @param stack the stack
 * @param id the id of the state machine's construct, or a part of its logical id, if the stack has several
 */
export function aslOf(stack: Stack, id = ''): StateMachineAsl {
  const machines = Object.entries(Template.fromStack(stack).findResources('AWS::StepFunctions::StateMachine'));
  const found = machines.filter(([logicalId]) => logicalId.includes(id));
  if (found.length !== 1) {
    const names = machines.map(([logicalId]) => logicalId).join(', ') || 'none';
    throw new Error(`expected one state machine matching '${id}' in stack '${stack.stackName}', got ${found.length} of: ${names}`);
  }
  return renderDefinition(found[0]![1].Properties.DefinitionString);
}
