import type { MapState } from './definition';
import type { Visit } from './visit';

/** How many items of a Map may fail. */
export interface Tolerance {
  exceededBy(failures: number): boolean;
}

/** The tolerance that a Map asks for; undefined when it asks for none, and then an item's own error is the error of the Map. */
export async function toleranceOf(visit: Visit<MapState>, items: number): Promise<Tolerance | undefined> {
  const { ToleratedFailureCount, ToleratedFailurePercentage } = visit.state;
  if (ToleratedFailureCount === undefined && ToleratedFailurePercentage === undefined) return undefined;
  const count = (await visit.integer(ToleratedFailureCount, 'ToleratedFailureCount', 0)) ?? items;
  const percentage = (await visit.percentage(ToleratedFailurePercentage, 'ToleratedFailurePercentage')) ?? 100;
  return { exceededBy: (failures) => failures > count || (failures / items) * 100 > percentage };
}
