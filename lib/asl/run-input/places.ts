import type { Format } from '../../runtime/contract';
import { unassigned } from '../rules/variables';
import type { State, StateMachineAsl } from '../types';
import { type Machine, type Visit, walk } from '../walk';

/** Where a run may start: a step, by its id, or the state that commits an extraction, by its name. */
export interface Place {
  readonly name: string;
  /** The state that the run goes to. */
  readonly state: string;
  /** Whether states from there on read the dataset before one makes it. */
  readonly needsDataset: boolean;
  /** Formats that the dataset may have. @default - any */
  readonly reads?: readonly Format[];
  readonly needsWindow: boolean;
}

/** The places of a machine at which a run may start; not those behind which a state reads a variable that is assigned only before them. */
export function placesOf(machine: Machine): Place[] {
  const visits = [...machine.top.visits.values()];
  return visits.flatMap((visit): Place[] => {
    const { marker } = visit;
    if (!marker?.entry && marker?.commits === undefined) return [];
    const state = visits.find(({ marker: other }) => other?.gate && other.path === marker.path && marker.entry)?.name ?? visit.name;
    if (!canStartAt(machine.asl, state, true)) return [];
    return [
      {
        name: marker.entry ? marker.step : visit.name,
        state,
        needsDataset: marker.commits !== undefined || !canStartAt(machine.asl, state, false),
        reads: marker.entry && marker.reads,
        needsWindow: marker.commits !== undefined || marker.needsWindow === true,
      },
    ];
  });
}

/** The place at which a run that failed at this state goes on; undefined if it is no state of a step. */
export function placeOfFailure({ name, marker }: Visit): string | undefined {
  return marker && (marker.commits === undefined ? marker.step : name);
}

function canStartAt(asl: StateMachineAsl, state: string, withDataset: boolean): boolean {
  const before: State = { Type: 'Pass', ...(withDataset && { Assign: { dataset: {} } }), Next: state };
  const machine = walk({ ...asl, StartAt: 'Run: Start', States: { ...asl.States, 'Run: Start': before } });
  return unassigned(machine).length === 0;
}
