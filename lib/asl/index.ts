export { applyPolicies, type Policies } from './apply-policies';
export { type CheckOptions, check, type Violation } from './check';
export { type Marker, mark, readMarker, stripMarkers } from './marker';
export type { AlertSpec, Catcher, ChoiceRule, Retrier, RetrySpec, State, StateMachineAsl, States } from './types';
