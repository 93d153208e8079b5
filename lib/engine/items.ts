import type { MapState } from './definition';
import { ErrorName, StateFailure } from './errors';
import type { Visit } from './visit';

/** The items of a Map that it has from its input or from an expression. */
export async function itemsOf(visit: Visit<MapState>): Promise<unknown[]> {
  const { state, input, name } = visit;
  if (state.Items !== undefined) return (await visit.evaluateAs('array', state.Items, 'Items')) as unknown[];
  if (Array.isArray(input)) return input;
  throw new StateFailure(ErrorName.RUNTIME, `The Map state '${name}' has no Items and its input is not an array.`);
}
