import { subjectOf } from '../simulate/target';
import type { Proof, ProveOptions } from './options';
import { proveSubject } from './prove';
import { proofTable } from './table';

/**
 * Runs the fault matrix of a state machine on a virtual clock and says what was wrong: each Task, Map and Parallel fails once, twice, 3 times, for good,
 * times out, is throttled, answers what it should not; the run is aborted at each state or runs out of time; the alert itself fails; faults come together. In each run
 * failed tries are tried again as often, and after such waits, as the retry policy says, a failed run alerts exactly once, one that succeeded never.
 *
 * @param target a stack with the state machine in it, or a definition as JSON
 */
export async function prove(target: object, options: ProveOptions = {}): Promise<Proof> {
  return proveSubject(subjectOf(target, options.machine), options);
}

/** As {@link prove}, and throws if anything was wrong, with the table of those runs. Takes seconds: give jest a timeout of a minute. */
export async function proveAlerts(target: object, options: ProveOptions = {}): Promise<Proof> {
  const proof = await prove(target, options);
  if (proof.violations.length === 0) return proof;
  const cases = proof.cases.filter(({ violations }) => violations.length > 0);
  throw new Error(`the state machine does not keep what its policies promise\n${proofTable({ ...proof, cases })}`);
}
