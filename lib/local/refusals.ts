import type { StateMachineAsl } from '../asl';
import { integrationOf } from '../asl/steps';
import { walk } from '../asl/walk';
import type { DeployedRule } from '../template/rules';
import type { Refusals } from './states';

const CALLBACK = /\.waitForTaskToken$/;

/** Finds the tasks of a definition that no integration answers. */
export function notEmulatedIn(integrations: readonly string[]): Refusals {
  return (definition) => {
    const tasks = walk(definition as StateMachineAsl).visits.filter(({ state }) => state.Type === 'Task');
    const unknown = tasks.filter(({ state }) => !integrations.includes(integrationOf(String(state.Resource)).replace(CALLBACK, '')));
    const problems = unknown.map(({ name, state }) => `state '${name}': ${state.Resource} is not emulated`);
    return problems.length === 0 ? [] : [...problems, `emulated are: ${integrations.join(', ')}`];
  };
}

/** Finds what rules send to other targets than topics. */
export function targetsNotEmulated(rules: readonly DeployedRule[]): string[] {
  return rules.flatMap(({ logicalId, targets }) =>
    targets
      .filter(({ arn }) => arn.split(':')[2] !== 'sns')
      .map(({ arn }) => `rule '${logicalId}': the target ${arn} is not emulated, only SNS topics are`),
  );
}
