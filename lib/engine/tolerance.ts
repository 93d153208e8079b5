import type { MapState } from './definition';
import type { Visit } from './visit';

/** How many items of a Map may fail. */
export interface Tolerance {
  /** Whether so many are too many. A percentage can only be judged once the number of all items is known. */
  exceededBy(failures: number, items: number | undefined): boolean;
}

/** The tolerance that a Map asks for; undefined when it asks for none. */
export async function toleranceOf(visit: Visit<MapState>): Promise<Tolerance | undefined> {
  const { ToleratedFailureCount, ToleratedFailurePercentage } = visit.state;
  if (ToleratedFailureCount === undefined && ToleratedFailurePercentage === undefined) return undefined;
  const count = (await visit.integer(ToleratedFailureCount, 'ToleratedFailureCount', 0)) ?? Infinity;
  const percentage = (await visit.percentage(ToleratedFailurePercentage, 'ToleratedFailurePercentage')) ?? 100;
  return { exceededBy: (failures, items = Infinity) => failures > count || (failures / items) * 100 > percentage };
}
