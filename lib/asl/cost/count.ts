import type { StateMachineAsl } from '../types';
import { isContainer, type Scope, type Visit, walk } from '../walk';
import type { Assumptions, Case } from './assumptions';
import { knownAt } from './known';
import type { Loop } from './turns';
import { valueIn } from './value';
import { visitsIn } from './visits';
import { Ways } from './ways';

/** One state in one run. Numbers are averages where the assumptions are. */
export interface StateCount {
  readonly name: string;
  readonly type: string;
  /** Visits and retries, in the child executions of a Distributed Map too. */
  readonly transitions: number;
  readonly visits: number;
  /** Tries of all visits: of a Task, Map or Parallel, what it calls or starts. */
  readonly tries: number;
  /** Of a Map: items of all tries. */
  readonly items?: number;
  /** Of a Distributed Map: child executions of all tries. */
  readonly children?: number;
  /** Events it leaves in the history of the execution it is in. */
  readonly events: number;
  /** Whether it is in a child execution that Express bills by request and duration instead. */
  readonly express: boolean;
}

/** What one run does. */
export interface RunCount {
  /** State transitions as Step Functions bills them. */
  readonly transitions: number;
  /** Events of the execution's own history. */
  readonly events: number;
  readonly states: readonly StateCount[];
  readonly loops: readonly Loop[];
  /** What was assumed because neither the definition nor the assumptions told. */
  readonly assumed: readonly string[];
}

/** Items of an array, and of objects or rows in S3, that nobody told of. */
const DEFAULT_ITEMS = 10;
const DEFAULT_READ = 1000;

/** Counts what one run does, under assumptions. */
export function countRun(definition: object, assumptions: Assumptions, kind: Case): RunCount {
  const asl = definition as StateMachineAsl;
  const counting = new Counting(assumptions, kind, typeof asl.TimeoutSeconds === 'number' ? asl.TimeoutSeconds : undefined);
  const { top } = walk(asl);
  const states = counting.states(top, 1, false);
  const billed = states.filter(({ express }) => !express);
  return {
    transitions: total(billed.map(({ transitions }) => transitions)),
    events: counting.events(top) + 2,
    states,
    loops: counting.loops(),
    assumed: counting.assumed(),
  };
}

interface Through {
  readonly ways: Ways;
  readonly visits: ReadonlyMap<string, number>;
  readonly leaving: ReadonlyMap<string, number>;
}

class Counting {
  private readonly scopes = new Map<Scope, Through>();
  private readonly guesses = new Map<string, string>();

  constructor(
    private readonly assumptions: Assumptions,
    private readonly kind: Case,
    private readonly longest?: number,
  ) {}

  states(scope: Scope, runs: number, express: boolean): StateCount[] {
    const { visits } = this.through(scope);
    return [...scope.visits.values()].flatMap((visit) => {
      const { name, state } = visit;
      const visited = runs * visits.get(name)!;
      const tries = visited * this.tries(visit);
      const items = state.Type === 'Map' ? { items: tries * this.items(visit) } : {};
      const children = isDistributed(visit) ? { children: tries * this.runs(visit) } : {};
      const own = {
        name,
        type: state.Type,
        transitions: tries,
        visits: visited,
        tries,
        ...items,
        ...children,
        events: visited === 0 ? 0 : runs * this.eventsOf(visit),
        express,
      };
      const inside = visit.inner.flatMap((inner) => this.states(inner, tries * this.runs(visit), express || isExpress(inner)));
      return [own, ...inside];
    });
  }

  /** Events of one run of a scope. */
  events(scope: Scope): number {
    return total([...scope.visits.values()].map((visit) => this.eventsOf(visit) + this.eventsInside(visit)));
  }

  loops(): Loop[] {
    return [...this.scopes.values()].flatMap(({ ways }) => ways.loops);
  }

  assumed(): string[] {
    const undecided = [...this.scopes.values()]
      .flatMap(({ ways, visits }) => ways.undecided.filter((name) => visits.get(name)! > 0))
      .map((name) => `choice '${name}' goes each way equally often`);
    return [...new Set([...this.guesses.values(), ...undecided])];
  }

  private through(scope: Scope): Through {
    const known = this.scopes.get(scope);
    if (known) return known;
    const ways = new Ways(scope, this.assumptions, this.kind, (visit) => this.own(visit), this.longest);
    const shares = new Map([...scope.visits].map(([name, visit]) => [name, ways.of(visit)]));
    const visits = visitsIn(scope, shares);
    const leaving = new Map([...shares].map(([name, to]) => [name, total([...to.values()])]));
    const through = { ways, visits, leaving };
    this.scopes.set(scope, through);
    return through;
  }

  /** Transitions of one visit and all that is inside. */
  private own(visit: Visit): number {
    return this.tries(visit) * (1 + total(visit.inner.map((inner) => (isExpress(inner) ? 0 : this.runs(visit) * this.transitions(inner)))));
  }

  private transitions(scope: Scope): number {
    const { visits } = this.through(scope);
    return total([...scope.visits.values()].map((visit) => visits.get(visit.name)! * this.own(visit)));
  }

  /** Tries of one visit. */
  private tries({ name, state }: Visit): number {
    const given = this.assumptions.retries?.[name];
    if (given !== undefined) return 1 + given;
    return this.kind === 'worst' ? 1 + total((state.Retry ?? []).map(({ MaxAttempts = 3 }) => MaxAttempts)) : 1;
  }

  /** How often one try of a Parallel or Map goes through each scope inside it. */
  private runs(visit: Visit): number {
    if (visit.state.Type !== 'Map') return 1;
    const items = this.items(visit);
    return isDistributed(visit) ? Math.ceil(items / batchOf(visit)) : items;
  }

  /** Items of one try of a Map. */
  private items(visit: Visit): number {
    const { name, state } = visit;
    const given = this.assumptions.items?.[name];
    if (given !== undefined) return given;
    const items = valueIn(state.Items, knownAt(visit, this.assumptions));
    if (Array.isArray(items)) return items.length;
    if (Array.isArray(state.Items)) return state.Items.length;
    const { parts = 1 } = this.assumptions;
    const text = JSON.stringify([state.Items, state.ItemReader]);
    const guess = text.includes('dataset') ? parts : state.ItemReader === undefined ? DEFAULT_ITEMS : DEFAULT_READ;
    this.guesses.set(name, `map '${name}' has ${guess} ${guess === 1 ? 'item' : 'items'}`);
    return guess;
  }

  /** Events that a state itself leaves in one run of its scope. */
  private eventsOf(visit: Visit): number {
    const { visits, leaving } = this.through(visit.scope);
    const { name, state } = visit;
    const visited = visits.get(name)!;
    const ends = state.Type === 'Succeed' || state.End === true;
    const exits = ends ? 1 : leaving.get(name)!;
    return visited * (1 + exits + this.tries(visit) * perTry(visit) + (isContainer(state) ? 1 : 0));
  }

  private eventsInside(visit: Visit): number {
    if (isDistributed(visit)) return 0;
    const rounds = this.through(visit.scope).visits.get(visit.name)! * this.tries(visit) * this.runs(visit);
    const frame = visit.state.Type === 'Map' ? 2 : 0;
    return rounds === 0 ? 0 : total(visit.inner.map((inner) => rounds * (frame + this.events(inner))));
  }
}

/** Events of one try: of a Task scheduled, started, ended, and submitted if it waits; of a Map or Parallel started, of a Distributed Map also its Map Run. */
function perTry(visit: Visit): number {
  const { state } = visit;
  if (state.Type === 'Task') return /\.(sync(:2)?|waitForTaskToken)$/.test(state.Resource ?? '') ? 4 : 3;
  if (isDistributed(visit)) return 3;
  return isContainer(state) ? 1 : 0;
}

function isDistributed({ inner }: Visit): boolean {
  return inner.some(({ distributed }) => distributed);
}

function isExpress({ owner, distributed }: Scope): boolean {
  const processor = owner?.state.ItemProcessor ?? owner?.state.Iterator;
  return distributed && processor?.ProcessorConfig?.ExecutionType === 'EXPRESS';
}

/** Items of one child execution. */
function batchOf({ state }: Visit): number {
  const { MaxItemsPerBatch } = (state.ItemBatcher ?? {}) as { MaxItemsPerBatch?: unknown };
  return typeof MaxItemsPerBatch === 'number' ? MaxItemsPerBatch : 1;
}

export function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
