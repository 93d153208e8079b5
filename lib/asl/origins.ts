import type { Format } from '../runtime/contract';
import { type Facts, flow } from './flow';
import type { Edge, Machine, Scope, Visit } from './walk';

/** Where the dataset may come from that is in `$dataset` when a state is entered. */
export interface Origin {
  /** `nothing`: no dataset was made yet. `unknown`: a state that is no step assigned it. */
  readonly format: Format | 'nothing' | 'unknown';
  /** The step that made it. */
  readonly step: string;
  readonly bucket?: string;
  /** Whether its rows were extracted by a step that opens a window. */
  readonly window: boolean;
}

const NOTHING: Origin = { format: 'nothing', step: '', window: false };
const UNKNOWN: Origin = { format: 'unknown', step: '', window: false };

/** For each state that a step marked: every dataset that may reach it, over all ways. */
export function originsOnEntry(machine: Machine): Map<Visit, Origin[]> {
  const steps = stepsIn(machine);
  const held = new Map<Scope, Map<string, Facts>>();
  for (const scope of machine.scopes) {
    const outside = scope.owner && !scope.distributed ? held.get(scope.owner.scope)?.get(scope.owner.name) : undefined;
    const through = (visit: Visit, edge: Edge, facts: Facts) => written(visit, edge, facts, steps);
    held.set(scope, flow(scope, { entering: outside ?? new Set([toFact(NOTHING)]), join: 'any', through }));
  }
  const reached = machine.visits.filter(({ marker, name, scope }) => marker && held.get(scope)?.has(name));
  return new Map(reached.map((visit) => [visit, [...held.get(visit.scope)!.get(visit.name)!].map(fromFact)]));
}

/** What the markers of a step say together. */
interface Step {
  readonly step: string;
  readonly bucket?: string;
  /** Takes no dataset: what it writes is new. */
  readonly isSource: boolean;
  readonly opens: boolean;
}

function stepsIn({ visits }: Machine): Map<string, Step> {
  const markers = visits.flatMap(({ marker }) => (marker ? [marker] : []));
  const stepOf = (path: string): Step => {
    const own = markers.filter((marker) => marker.path === path);
    return {
      step: own[0]!.step,
      bucket: own.find(({ bucket }) => bucket)?.bucket,
      isSource: own.some(({ entry, reads }) => entry && !reads),
      opens: own.some(({ opens }) => opens),
    };
  };
  return new Map(markers.map(({ path }) => [path, stepOf(path)]));
}

function written({ marker }: Visit, { kind, assign }: Edge, facts: Facts, steps: ReadonlyMap<string, Step>): Facts {
  if (marker?.restarts) return new Set();
  if (marker?.writes && kind !== 'catch') return writtenBy(steps.get(marker.path)!, marker.writes, facts);
  return assign.includes('dataset') && !marker ? new Set([toFact(UNKNOWN)]) : facts;
}

/** What a step makes of a dataset keeps its window. */
function writtenBy({ step, bucket, isSource, opens }: Step, format: Format, facts: Facts): Facts {
  const windows = isSource ? [opens] : [...facts].map((fact) => fromFact(fact).window);
  return new Set(windows.map((window) => toFact({ format, step, bucket, window })));
}

function toFact({ format, step, bucket, window }: Origin): string {
  return JSON.stringify({ format, step, bucket, window });
}

function fromFact(fact: string): Origin {
  return JSON.parse(fact);
}
