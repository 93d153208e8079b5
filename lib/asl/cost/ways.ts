import { type Edge, reachable, type Scope, type Visit } from '../walk';
import type { Assumptions, Case } from './assumptions';
import { canEndWell, knownAt } from './known';
import { isForward, type Loop, loopsOf, open } from './turns';

/** Which part of a state's visits goes which way, by the name of the next state. What is missing from 1 ends there. */
export type Shares = ReadonlyMap<string, number>;

/** The ways through one scope. */
export class Ways {
  readonly loops: readonly Loop[];
  /** Choices of which nothing is known: they go each way equally often. */
  readonly undecided: string[] = [];
  private readonly toGo = new Map<string, number>();

  constructor(
    private readonly scope: Scope,
    private readonly assumptions: Assumptions,
    private readonly kind: Case,
    /** Transitions of one visit of a state, those inside it included. */
    private readonly own: (visit: Visit) => number,
    longest?: number,
  ) {
    this.loops = loopsOf(scope, assumptions, kind, longest);
  }

  of(visit: Visit): Shares {
    const given = this.assumptions.ways?.[visit.name];
    if (given !== undefined) return new Map(Object.entries(given));
    const loop = this.loops.find(({ names }) => names.has(visit.name));
    if (loop?.decides === visit) return this.around(visit, loop);
    if (visit.state.Type !== 'Choice') return this.split(visit, this.kind === 'worst' ? this.withCatches(visit) : visit.edges.filter(isForward));
    const staying = visit.edges.filter(({ to }) => loop?.names.has(to));
    return staying.length > 0 ? this.evenly(visit, staying) : this.split(visit, open(visit, knownAt(visit, this.assumptions)));
  }

  /** A loop is gone round but for the last time. */
  private around(visit: Visit, { names, turns, exit }: Loop): Shares {
    const ways = visit.edges.filter(isForward);
    const leaving = ways.filter(({ to }) => !names.has(to) && (exit === undefined || to === exit));
    const staying = ways.filter(({ to }) => names.has(to));
    return sum(this.evenly(visit, staying, (turns - 1) / turns), this.split(visit, leaving, 1 / turns));
  }

  /** An error may be caught, unless that leads back here: as often as it happens nobody can tell. */
  private withCatches({ name, edges }: Visit): Edge[] {
    return edges.filter((edge) => isForward(edge) || !reachable(this.scope, edge.to).has(name));
  }

  /** Between ways that end well, if any does and things go well: the cheapest, the dearest, or each equally often. */
  private split(visit: Visit, edges: readonly Edge[], share = 1): Shares {
    const all = this.targets(edges);
    const well = all.filter((to) => canEndWell(this.scope, to));
    const targets = well.length > 0 && this.kind !== 'worst' ? well : all;
    if (this.kind === 'expected') return this.among(visit, targets, share);
    const sign = this.kind === 'best' ? 1 : -1;
    const [extreme] = targets.sort((one, other) => sign * (this.ahead(one) - this.ahead(other)));
    return new Map(extreme === undefined ? [] : [[extreme, share]]);
  }

  private evenly(visit: Visit, edges: readonly Edge[], share = 1): Shares {
    return this.among(visit, this.targets(edges), share);
  }

  private among({ name }: Visit, targets: readonly string[], share: number): Shares {
    if (targets.length > 1) this.undecided.push(name);
    return new Map(targets.map((to) => [to, share / targets.length]));
  }

  private targets(edges: readonly Edge[]): string[] {
    return [...new Set(edges.map(({ to }) => to))].filter((to) => this.scope.visits.has(to));
  }

  /** Transitions from a state to the end, loops gone round as often as they are. */
  private ahead(name: string): number {
    const known = this.toGo.get(name);
    if (known !== undefined) return known;
    // Who comes round again finds nothing more to add.
    this.toGo.set(name, 0);
    const visit = this.scope.visits.get(name)!;
    const turns = this.loops.find(({ names }) => names.has(name))?.turns ?? 1;
    const next = visit.edges
      .filter((edge) => isForward(edge) || this.kind === 'worst')
      .map(({ to }) => (this.scope.visits.has(to) ? this.ahead(to) : 0));
    const total = turns * this.own(visit) + (next.length === 0 ? 0 : this.kind === 'worst' ? Math.max(...next) : Math.min(...next));
    this.toGo.set(name, total);
    return total;
  }
}

function sum(one: Shares, other: Shares): Shares {
  const both = new Map(one);
  for (const [to, share] of other) both.set(to, (both.get(to) ?? 0) + share);
  return both;
}
