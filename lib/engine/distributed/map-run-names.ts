import type { MapState } from '../definition';
import type { Run } from '../frame';
import { uuid } from '../functions';

/** What a Map Run and its executions are called. */
export interface MapRunNames {
  /** Name of the Map. */
  readonly map: string;
  /** Name of the state machine that the child executions are of: the parent's, and the label of the Map. */
  readonly machine: string;
  readonly id: string;
  readonly mapRunArn: string;
}

/** Names a new Map Run. A Map without a label gets one. */
export function namesOf({ Label }: MapState, map: string, { arn, context, random }: Run): MapRunNames {
  const machine = `${context.StateMachine.Name}/${Label ?? uuid(random)}`;
  const id = uuid(random);
  return { map, machine, id, mapRunArn: arn('mapRun', `${machine}:${id}`) };
}
