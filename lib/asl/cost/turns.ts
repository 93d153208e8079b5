import { stepOf } from '../steps';
import { type Edge, loops, type Scope, shortestPath, type Visit } from '../walk';
import type { Assumptions, Case } from './assumptions';
import { afterEdge, canEndWell, knownAt } from './known';
import { type Known, truth, valueIn } from './value';

/** States that all lead to each other, and how often a run comes round. */
export interface Loop {
  readonly names: ReadonlySet<string>;
  /** The Choice that goes on or leaves. */
  readonly decides?: Visit;
  /** How often it is asked. */
  readonly turns: number;
  /** The only way out that the definition leaves then, such as that of a deadline. */
  readonly exit?: string;
  /** Whether anything in it takes time. */
  readonly waits: boolean;
}

/** What a loop waits for takes so long unless it is said. */
export const DEFAULT_SECONDS = 60;
/** The history of an execution has no room for more. */
const MOST_TURNS = 25_000;
const YEAR_SECONDS = 365 * 24 * 3600;

export function isForward({ kind }: Edge): boolean {
  return kind !== 'catch';
}

/** The loops of a scope, each followed from where it is entered, on a clock that its own waits move. */
export function loopsOf(scope: Scope, assumptions: Assumptions, kind: Case, longest = YEAR_SECONDS): Loop[] {
  return loops(scope, isForward).map((names) => {
    const entry = entryOf(scope, names);
    const decides = deciderOf(scope, names, entry);
    const waits = [...names].some((name) => takesTime(scope.visits.get(name)!));
    if (decides === undefined) return { names, turns: 1, waits };
    const given = [...names].map((name) => assumptions.turns?.[name]).find((turns) => turns !== undefined);
    if (given !== undefined) return { names, decides, turns: Math.max(1, given), waits };
    const seconds = kind === 'best' || !waits ? 0 : kind === 'worst' ? longest : secondsOf(names, assumptions);
    return { names, decides, waits, ...followed(scope, names, entry, decides, knownAt(entry, assumptions), seconds) };
  });
}

/** The state of the loop that is nearest to the start. */
function entryOf(scope: Scope, names: ReadonlySet<string>): Visit {
  const ways = [...names].map((name) => ({ name, way: shortestPath(scope, scope.startAt, name, () => true) }));
  const [nearest] = ways.sort((one, other) => (one.way?.length ?? Infinity) - (other.way?.length ?? Infinity));
  return scope.visits.get(nearest!.name)!;
}

/** The first Choice that can leave, best one that leaves for a good end. */
function deciderOf(scope: Scope, names: ReadonlySet<string>, entry: Visit): Visit | undefined {
  const visits = [...names].map((name) => scope.visits.get(name)!).sort((one, other) => distance(scope, entry, one) - distance(scope, entry, other));
  const leaves = (visit: Visit, well: boolean) =>
    visit.edges.some((edge) => isForward(edge) && !names.has(edge.to) && (!well || canEndWell(scope, edge.to)));
  return visits.find((visit) => leaves(visit, true)) ?? visits.find((visit) => leaves(visit, false));
}

function distance(scope: Scope, from: Visit, to: Visit): number {
  return shortestPath(scope, from.name, to.name, isForward)?.length ?? Infinity;
}

function secondsOf(names: ReadonlySet<string>, { seconds = {} }: Assumptions): number {
  const given = [...names].flatMap((name) => [seconds[name], seconds[stepOf(name)]]).filter((each) => each !== undefined);
  return given[0] ?? DEFAULT_SECONDS;
}

function takesTime({ state }: Visit): boolean {
  return state.Type === 'Wait' || longPoll(state.Arguments) > 0;
}

/** How long a call waits for its answer by itself. */
function longPoll(args: unknown): number {
  const { WaitTimeSeconds } = (args ?? {}) as { WaitTimeSeconds?: unknown };
  return typeof WaitTimeSeconds === 'number' ? WaitTimeSeconds : 0;
}

function followed(
  scope: Scope,
  names: ReadonlySet<string>,
  entry: Visit,
  decides: Visit,
  entering: Known,
  seconds: number,
): Pick<Loop, 'turns' | 'exit'> {
  let [at, clock, turns, known] = [entry, 0, 0, entering];
  let looked = -1;
  for (let steps = 0; steps < MOST_TURNS * names.size; steps += 1) {
    const { state } = at;
    if (state.Type === 'Wait') clock += positive(valueIn(state.Seconds, known));
    clock += Math.min(longPoll(state.Arguments), Math.max(0, seconds - clock));
    if (at === decides) {
      // Nobody knows how long its waits are.
      if (clock === looked && clock < seconds) return { turns: 1 };
      looked = clock;
      turns += 1;
      if (turns >= MOST_TURNS) break;
    }
    const choices = open(at, new Map([...known, ['millis()', clock * 1000]]));
    const edge = chosen(scope, names, choices, clock >= seconds);
    if (edge === undefined) break;
    if (!names.has(edge.to)) return choices.length === 1 ? { turns, exit: edge.to } : { turns };
    known = afterEdge(at, edge.to, known);
    at = scope.visits.get(edge.to)!;
  }
  return { turns: Math.max(1, turns) };
}

function positive(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : 0;
}

/** The ways that a state leaves open: of a Choice those up to the first rule that surely holds. */
export function open({ state, edges }: Visit, known: Known): Edge[] {
  if (state.Type !== 'Choice') return edges.filter(isForward);
  const ways: Edge[] = [];
  for (const edge of edges) {
    const holds = edge.kind === 'choice' ? truth(valueIn(edge.condition, known)) : true;
    if (holds !== false) ways.push(edge);
    if (holds === true) break;
  }
  return ways;
}

/** On while what the loop waits for is not over, then out, well if that can be. */
function chosen(scope: Scope, names: ReadonlySet<string>, ways: readonly Edge[], over: boolean): Edge | undefined {
  const stays = ways.find(({ to }) => names.has(to));
  const leaves = ways.find(({ to }) => !names.has(to) && canEndWell(scope, to));
  return (over ? (leaves ?? stays) : (stays ?? leaves)) ?? ways.at(-1);
}
