import { mark } from '../marker';
import type { State } from '../types';
import type { Visit } from '../walk';

/** States that take the locks of all extractions, for a run that does not come past them. */
export interface Locks {
  /** The first of them, or where they lead if there are none. */
  readonly startAt: string;
  readonly states: Readonly<Record<string, State>>;
}

/** Copies the states by which extractions take their locks, one extraction after the other, and lets them lead to `next`. */
export function copyLocks(visits: readonly Visit[], next: string): Locks {
  const locking = visits.filter(({ marker }) => marker?.lock);
  const paths = [...new Set(locking.map(({ marker }) => marker!.path))];
  return paths.reduceRight(
    ({ startAt, states }: Locks, path) => {
      const group = locking.filter(({ marker }) => marker!.path === path);
      const entry = group.find(({ marker }) => marker!.entry)!;
      return { startAt: nameOf(entry.name), states: { ...copyGroup(group, startAt), ...states } };
    },
    { startAt: next, states: {} },
  );
}

function copyGroup(group: readonly Visit[], next: string): Record<string, State> {
  const inside = new Set(group.map(({ name }) => name));
  const target = (name: string) => (inside.has(name) ? nameOf(name) : next);
  return Object.fromEntries(group.map((visit) => [nameOf(visit.name), copy(visit, target)]));
}

function copy({ state, marker }: Visit, target: (name: string) => string): State {
  const { Assign, Next, Default, Choices, Catch, ...rest } = state;
  const { retry, lock } = marker!;
  const assign = lock!.assign ?? Assign;
  return {
    ...rest,
    Comment: mark({ path: 'Run', step: 'Run', retry, restarts: true }),
    ...(assign && { Assign: assign }),
    ...(Next !== undefined && { Next: target(Next) }),
    ...(Default !== undefined && { Default: target(Default) }),
    ...(Choices && { Choices: Choices.map((rule) => ({ ...rule, Next: target(rule.Next) })) }),
    ...(Catch && { Catch: Catch.map((catcher) => ({ ...catcher, Next: target(catcher.Next) })) }),
  };
}

/** `Extract: Lock` becomes `Resume Extract: Lock`. */
function nameOf(state: string): string {
  return `Resume ${state}`;
}
