import { judgeAlerts, judgeNotifications, judgeTries, visitsOf } from './judge';
import type { ProvedMachine } from './machine';
import type { Baseline } from './scenarios';

/** A run in which the matrix makes nothing go wrong, but in which statements may fail all the same. */
export function judgeBaseline(machine: ProvedMachine, baseline: Baseline, usual: boolean): string[] {
  const { run } = baseline;
  return [
    ...judgeStatus(machine, baseline, usual),
    ...judgeDuration(baseline),
    ...judgeRetries(machine, baseline),
    ...judgeAlerts(machine.subject, run),
    ...judgeNotifications(run, run),
  ];
}

function judgeStatus(machine: ProvedMachine, { run, failures = 0 }: Baseline, usual: boolean): string[] {
  if (!usual && failures === 0) return [];
  const load = machine.visits.find(({ state }) => state.Resource?.endsWith(':batchExecuteStatement'));
  const survived = load === undefined || failures <= machine.expected(load, 'Injected.Fault').retries;
  const wanted = survived ? 'SUCCEEDED' : 'FAILED';
  return run.status === wanted ? [] : [`ended ${run.status}, not ${wanted}${run.error === undefined ? '' : `: ${run.error}: ${run.cause}`}`];
}

function judgeDuration({ run, within = Number.POSITIVE_INFINITY }: Baseline): string[] {
  const seconds = run.ms / 1000;
  return seconds <= within ? [] : [`took ${seconds} s, where ${within} s are enough; a status that ends the wait is not looked for`];
}

/** What failed was tried again as it should be. */
function judgeRetries(machine: ProvedMachine, { run }: Baseline): string[] {
  return machine.visits.flatMap((visit) => {
    const [first = []] = visitsOf(run.attempts[visit.name] ?? []);
    const errors = first.flatMap(({ error }) => error ?? []);
    const [error] = errors;
    if (error === undefined) return [];
    return judgeTries(first, error, errors.length, machine.expected(visit, error)).map((problem) => `'${visit.name}' ${problem}`);
  });
}
