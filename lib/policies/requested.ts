import type { IConstruct } from 'constructs';
import type { RequestedPolicies } from '../asl/state-policies';

/** A registered symbol: the tests of a user may load this module twice. */
const KEY = Symbol.for('cdk-data-pipeline.requestedPolicies');

/** Leaves on a state machine what was asked of its states, for those who prove that it holds. Nothing of it is deployed. */
export function rememberPolicies(machine: IConstruct, policies: RequestedPolicies): void {
  Object.defineProperty(machine, KEY, { value: policies, configurable: true });
}

/** What was asked of a state machine's states; undefined if the library's policies were not applied to it. */
export function rememberedPolicies(machine: IConstruct): RequestedPolicies | undefined {
  return (machine as { [KEY]?: RequestedPolicies })[KEY];
}
