import { isDeepStrictEqual } from 'node:util';
import { userHandler } from '../simulate/handle';
import type { Simulation } from '../simulate/simulation';
import type { Plan } from './cases';
import type { ProvedMachine } from './machine';
import type { Baseline } from './scenarios';

/** How a run ended: as it would have without its faults if they were survived, and otherwise with the error that was too much. */
export function judgeEnd(
  machine: ProvedMachine,
  run: Simulation,
  { run: usual, options }: Baseline,
  plan: Plan,
  mayFail: readonly string[] = [],
): string[] {
  const { state, struck } = plan;
  const ended = `ended ${run.status}${run.error === undefined ? '' : ` with ${run.error}`}`;
  const asUsual = run.status === usual.status && run.error === usual.error;
  const ends = plan.ends ?? (struck!.failures <= machine.expected(state, struck!.error).retries ? 'as usual' : 'FAILED');
  switch (ends) {
    case 'as usual':
      return asUsual ? [] : [`${ended}, though it could be tried again; without the fault it ends ${usual.status}`];
    case 'not believed': {
      // What a task of the user's should answer only the user knows.
      const known = userHandler(options.handlers ?? {}, state.name, state.state.Resource ?? '') === undefined;
      const harmless = asUsual && (!known || isDeepStrictEqual(run.output, usual.output));
      return run.status === 'FAILED' || harmless ? [] : [`${ended}, on an answer that it should not have believed`];
    }
    case 'FAILED':
      if (run.status === 'SUCCEEDED' && mayFail.includes(state.name)) return [];
      if (run.status !== 'FAILED') return [`${ended} though '${state.name}' failed for good`];
      if (machine.tells(state) && !run.alerts.some(({ from }) => from === 'machine')) return [`${ended}, and the machine itself did not tell of it`];
      return struck && run.error !== struck.error && machine.keepsName(state, struck.error) ? [`${ended}, not with ${struck.error}`] : [];
    default:
      return run.status === ends ? [] : [`${ended}, not ${ends}`];
  }
}
