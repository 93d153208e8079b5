import type { Format } from '../runtime/contract';
import type { RetrySpec, State, StateMachineAsl, States } from './types';

/** What a step tells the policies and the check about one of its states. It rides in the state's Comment until the policies are applied. */
export interface Marker {
  /** Construct path, for messages. It tells the steps of a machine apart. */
  readonly path: string;
  /** Id of the step, e.g. `Load`. */
  readonly step: string;
  /** The step's own retry policy, on every Task, Map and Parallel of the step. */
  readonly retry?: RetrySpec;
  /** On a Parallel: the errors of its own inner Fail states, which it retries. */
  readonly raises?: readonly string[];
  /** On the step's first state. */
  readonly entry?: true;
  /** On the entry: formats that the step takes. Absent: it takes no dataset. */
  readonly reads?: readonly Format[];
  /** On a state after which `$dataset` has this format. */
  readonly writes?: Format;
  /** Name of the bucket that the step reads and writes; may be an opaque token. */
  readonly bucket?: string;
  /** Id of the watermark whose window this state opens. */
  readonly opens?: string;
  /** Id of the watermark that this state moves. */
  readonly commits?: string;
  /** On a state that makes an earlier run's dataset this run's: what it is like is checked at run time. */
  readonly restarts?: true;
  /** On the Choice that goes past the step when there is nothing to do: a run that starts at the step starts there. */
  readonly gate?: true;
  /** On the states that take an extraction's lock: a run that starts elsewhere takes it in copies of them, which assign this instead. */
  readonly lock?: { readonly assign?: Readonly<Record<string, unknown>> };
  /** On the entry of an extraction: states that say what a run would extract, the last without Next. Only a dry run comes to them. */
  readonly plan?: States;
  /** On the entry of a load that is idempotent by window only: every dataset that reaches it must come from a step that opens one. */
  readonly needsWindow?: true;
}

const PREFIX = 'cdk-data-pipeline:';

/** The Comment that carries the marker to the policies. It never reaches the deployed machine: see {@link stripMarkers}. */
export function mark(marker: Marker): string {
  return PREFIX + JSON.stringify(marker);
}

/** The marker of a state, if a step left one. */
export function readMarker(state: State): Marker | undefined {
  if (typeof state.Comment !== 'string' || !state.Comment.startsWith(PREFIX)) {
    return undefined;
  }
  return JSON.parse(state.Comment.slice(PREFIX.length));
}

/** The machine without the Comments that carry markers, at every depth. Comments that people wrote stay. */
export function stripMarkers(asl: StateMachineAsl): StateMachineAsl {
  return stripScope(asl);
}

function stripScope<S extends States>(scope: S): S {
  return { ...scope, States: Object.fromEntries(Object.entries(scope.States).map(([name, state]) => [name, stripState(state)])) };
}

function stripState(state: State): State {
  const { Comment, ...unmarked } = state;
  return {
    ...(readMarker(state) ? unmarked : state),
    ...(state.Branches && { Branches: state.Branches.map(stripScope) }),
    ...(state.ItemProcessor && { ItemProcessor: stripScope(state.ItemProcessor) }),
  } as State;
}
