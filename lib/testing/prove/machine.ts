import { type Expected, expectedRetries, type RequestedPolicies } from '../../asl/state-policies';
import type { StateMachineAsl } from '../../asl/types';
import { outwards, statesInside, type Visit, walk } from '../../asl/walk';
import { RetryPolicy } from '../../policies/retry-policy';
import type { Subject } from '../simulate/target';
import type { ProveOptions } from './options';

/** What the matrix must know of a state machine. */
export class ProvedMachine {
  readonly visits: readonly Visit[];
  private readonly policies: RequestedPolicies;

  constructor(
    readonly subject: Subject,
    { retry }: ProveOptions,
  ) {
    const { definition } = subject.machine;
    this.visits = walk(definition as unknown as StateMachineAsl).visits;
    const requested = subject.policies ?? { retry: RetryPolicy.twice()._render(), states: {}, alertStates: [] };
    this.policies = retry ? { ...requested, retry: retry._render() } : requested;
  }

  /** How a state that fails with the error is tried again, as it was asked for. */
  expected({ name, state }: Visit, error: string): Expected {
    return expectedRetries(this.policies, name, state.Type, error);
  }

  /** An error that a Parallel or Map raises itself and tries again; undefined if there is none. */
  raised({ name }: Visit): string | undefined {
    const { own, raises } = this.policies.states[name] ?? {};
    return raises?.[0] ?? own?.find(({ MaxAttempts }) => MaxAttempts !== 0)?.ErrorEquals.find((error) => error !== 'States.ALL');
  }

  /** The tasks inside a Parallel or Map: the first of each branch, which start at the same time. */
  firstInside(visit: Visit): Visit[] {
    return visit.inner.flatMap((scope) => statesInside(visit).find((each) => each.scope === scope && each.state.Type === 'Task') ?? []);
  }

  /** Whether it is the machine itself that must tell of the failure of a state, because it knows the most of it. */
  tells({ name }: Visit): boolean {
    const { alertStates } = this.policies;
    return alertStates.length > 0 && !alertStates.includes(name);
  }

  /** Whether a run that fails with the error at this state ends with its name, as the library's alert leaves it: nobody before catches it. */
  keepsName(visit: Visit, error: string): boolean {
    const { alertStates } = this.policies;
    const caught = outwards(visit).some(
      ({ name, scope, state }) =>
        (scope.owner || alertStates.includes(name)) &&
        state.Catch?.some(({ ErrorEquals }) => ErrorEquals.includes(error) || ErrorEquals.includes('States.ALL')),
    );
    return this.subject.policies !== undefined && !caught;
  }
}
