import type { Assumptions } from './assumptions';

/** An event of an execution's history, as the engine records it and as GetExecutionHistory answers it. */
interface Event {
  readonly id: number;
  readonly previousEventId?: number;
  readonly type: string;
  readonly [details: string]: unknown;
}

/** How often each key was met. */
type Tally = Map<string, number>;

/**
 * The assumptions that held in an execution, from its history: which ways it took, how often it tried, how many items its Maps had. The child
 * executions of Distributed Maps have histories of their own.
 */
export function observed(history: readonly object[]): Assumptions {
  const events = new Map((history as readonly Event[]).map((event) => [event.id, event]));
  const seen = new Seen(events);
  for (const event of events.values()) seen.take(event);
  return seen.assumptions();
}

class Seen {
  private readonly visits: Tally = new Map();
  private readonly attempts: Tally = new Map();
  private readonly items: Tally = new Map();
  private readonly taken = new Map<string, Tally>();
  /** The state that an event belongs to, by the event's id. */
  private readonly stateOf = new Map<number, string>();
  /** The first state of a branch that a start of a Parallel led to, by the id of that start. */
  private readonly started = new Map<number, string>();

  constructor(private readonly events: ReadonlyMap<number, Event>) {}

  take(event: Event): void {
    const before = this.events.get(event.previousEventId ?? 0);
    const entered = nameIn(event.stateEnteredEventDetails);
    const name = entered ?? nameIn(event.stateExitedEventDetails) ?? (before && this.stateOf.get(before.id));
    if (name !== undefined) this.stateOf.set(event.id, name);
    if (entered !== undefined) this.enter(entered, before);
    if (name !== undefined && /^(Task|LambdaFunction|Activity)Scheduled$/.test(event.type)) count(this.attempts, name);
    const { name: map, index } = (event.mapIterationStartedEventDetails ?? {}) as { name?: string; index?: number };
    if (map === undefined) return;
    count(this.items, map);
    if (index === 0) count(this.attempts, map);
  }

  assumptions(): Assumptions {
    this.countParallels();
    const visits = (name: string) => this.visits.get(name) ?? 0;
    return {
      ways: Object.fromEntries([...this.visits.keys()].map((name) => [name, shares(this.taken.get(name) ?? new Map(), visits(name))])),
      retries: Object.fromEntries([...this.attempts].map(([name, attempts]) => [name, attempts / visits(name) - 1])),
      items: Object.fromEntries([...this.items].map(([name, items]) => [name, items / this.attempts.get(name)!])),
    };
  }

  private enter(name: string, before: Event | undefined): void {
    count(this.visits, name);
    if (before?.type === 'ParallelStateStarted' && !this.started.has(before.id)) this.started.set(before.id, name);
    const left = nameIn(before?.stateExitedEventDetails);
    if (left === undefined) return;
    const ways = this.taken.get(left) ?? new Map();
    count(ways, name);
    this.taken.set(left, ways);
  }

  /** Which Parallel starts is told by the event before, unless it starts again: then by the branch that it leads to. */
  private countParallels(): void {
    const owners = new Map<string, string>();
    const branches = [...this.started];
    for (const [id, branch] of branches) {
      const before = this.events.get(this.events.get(id)!.previousEventId ?? 0);
      if (before?.type === 'ParallelStateEntered' && !owners.has(branch)) owners.set(branch, nameIn(before.stateEnteredEventDetails)!);
    }
    for (const [, branch] of branches) count(this.attempts, owners.get(branch)!);
  }
}

function nameIn(details: unknown): string | undefined {
  return (details as { name?: string } | undefined)?.name;
}

function count(tally: Tally, key: string): void {
  tally.set(key, (tally.get(key) ?? 0) + 1);
}

function shares(ways: Tally, visits: number): Record<string, number> {
  return Object.fromEntries([...ways].map(([to, taken]) => [to, taken / visits]));
}
