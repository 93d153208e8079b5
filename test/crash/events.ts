import type { HistoryEvent } from '../../lib/engine';

/** The state that an event enters or leaves. */
export function stateOf(event: HistoryEvent): string | undefined {
  const details = Object.values(event).find((value) => typeof value === 'object' && value !== null && 'name' in value);
  return (details as { name?: string } | undefined)?.name;
}

export const enters = (event: HistoryEvent, state: string): boolean => event.type.endsWith('StateEntered') && stateOf(event) === state;

export const leaves = (event: HistoryEvent, state: string): boolean => event.type.endsWith('StateExited') && stateOf(event) === state;
