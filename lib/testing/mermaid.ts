import { mermaidOf as draw, type StateMark } from '../asl/diagram';
import { visitsOf } from './prove/judge';
import type { Simulation } from './simulate/simulation';
import { subjectOf } from './simulate/target';

/**
 * A Mermaid diagram, for a README or a pull request.
 *
 * @param target a stack or a definition: the state machine; a simulated run: the same, with how often states were tried and which failed
 * @param machine id of the state machine's construct, or a part of its logical id, if the stack has several
 */
export function mermaidOf(target: object, machine?: string): string {
  if (!isSimulation(target)) return draw(subjectOf(target, machine).machine.definition);
  return draw(
    target.definition,
    target.entered.map((name) => markOf(name, target)),
  );
}

function isSimulation(target: object): target is Simulation {
  return 'history' in target && 'definition' in target;
}

function markOf(name: string, { attempts, history }: Simulation): StateMark {
  const visits = visitsOf(attempts[name] ?? []);
  const last = visits.at(-1)?.at(-1);
  const open = attempts[name] === undefined && !history.some((event) => exitOf(event) === name);
  return { name, attempts: Math.max(1, ...visits.map((tries) => tries.length)), failed: last?.error !== undefined || open };
}

/** The state that an event leaves. */
function exitOf({ stateExitedEventDetails: details }: Simulation['history'][number]): string | undefined {
  return (details as { name: string } | undefined)?.name;
}
