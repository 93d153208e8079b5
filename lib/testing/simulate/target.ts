import { Template as Assertions } from 'aws-cdk-lib/assertions';
import { CfnElement, Stack, Token } from 'aws-cdk-lib/core';
import type { RequestedPolicies } from '../../asl/state-policies';
import { rememberedPolicies } from '../../policies/requested';
import { type DeployedMachine, readMachine } from '../../template/machines';
import type { Environment } from '../../template/physical';
import { type DeployedRule, readRule } from '../../template/rules';
import { Template, type TemplateSource } from '../../template/template';
import type { Buckets } from './objects';

const PLACE: Environment = { account: '123456789012', region: 'us-east-1', partition: 'aws' };

/** A state machine and what is around it, as it would be deployed. */
export interface Subject {
  readonly machine: DeployedMachine;
  /** The EventBridge rules of its stack. */
  readonly rules: readonly DeployedRule[];
  /** The buckets of its stack. */
  readonly buckets: Buckets;
  /** What was asked of its states, if the library's policies were applied. */
  readonly policies?: RequestedPolicies;
}

/**
 * The state machine of a stack, or a definition as JSON.
 *
 * @param target a stack, or a definition such as `aslOf` gives
 * @param id the id of the state machine's construct, or a part of its logical id, if the stack has several
 */
export function subjectOf(target: object, id = ''): Subject {
  return Stack.isStack(target) ? ofStack(target, id) : ofDefinition(target);
}

function ofStack(stack: Stack, id: string): Subject {
  const environment = { ...PLACE, ...literal('account', stack.account), ...literal('region', stack.region) };
  const template = new Template(stack.stackName, Assertions.fromStack(stack).toJSON() as TemplateSource, environment, 'invent');
  const resources = template.resources('AWS::StepFunctions::StateMachine');
  const found = resources.filter(({ logicalId }) => logicalId.includes(id));
  if (found.length !== 1) {
    const names = resources.map(({ logicalId }) => logicalId).join(', ') || 'none';
    throw new Error(
      `expected one state machine matching '${id}' in stack '${stack.stackName}', got ${found.length} of: ${names}; name one by 'machine'`,
    );
  }
  const machine = readMachine(found[0]!, template, environment);
  const rules = template.resources('AWS::Events::Rule').flatMap(readRule);
  const buckets = Object.fromEntries(template.resources('AWS::S3::Bucket').map(({ logicalId, ref }) => [logicalId, ref]));
  return { machine, rules, buckets, policies: policiesOf(stack, machine.logicalId) };
}

function literal(name: string, value: string): object {
  return Token.isUnresolved(value) ? {} : { [name]: value };
}

function policiesOf(stack: Stack, logicalId: string): RequestedPolicies | undefined {
  const resource = stack.node.findAll().find((each) => CfnElement.isCfnElement(each) && stack.resolve(each.logicalId) === logicalId);
  return resource?.node.scope && rememberedPolicies(resource.node.scope);
}

/** References that `aslOf` leaves as `${...}` stay texts; those to the place itself are filled in. */
function ofDefinition(definition: object): Subject {
  const { account, region, partition } = PLACE;
  const text = JSON.stringify(definition)
    .replaceAll('${AWS::Partition}', partition)
    .replaceAll('${AWS::Region}', region)
    .replaceAll('${AWS::AccountId}', account);
  const name = 'StateMachine';
  const arn = `arn:${partition}:states:${region}:${account}:stateMachine:${name}`;
  return { machine: { stack: '', logicalId: name, name, arn, region, account, definition: JSON.parse(text) }, rules: [], buckets: {} };
}
