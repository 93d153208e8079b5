import type { Format } from '../runtime/contract';
import { type Facts, flow } from './flow';
import type { Marker } from './marker';
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
  const sources = sourcesIn(machine);
  const held = new Map<Scope, Map<string, Facts>>();
  for (const scope of machine.scopes) {
    const outside = scope.owner && !scope.distributed ? held.get(scope.owner.scope)?.get(scope.owner.name) : undefined;
    const through = (visit: Visit, edge: Edge, facts: Facts) => written(visit, edge, facts, sources);
    held.set(scope, flow(scope, { entering: outside ?? new Set([toFact(NOTHING)]), join: 'any', through }));
  }
  const reached = machine.visits.filter(({ marker, name, scope }) => marker && held.get(scope)?.has(name));
  return new Map(reached.map((visit) => [visit, [...held.get(visit.scope)!.get(visit.name)!].map(fromFact)]));
}

/** Paths of the steps that take no dataset, so that what they write is new; with whether they open a window. */
function sourcesIn({ visits }: Machine): Map<string, boolean> {
  const markers = visits.flatMap(({ marker }) => (marker ? [marker] : []));
  const opening = new Set(markers.filter(({ opens }) => opens !== undefined).map(({ path }) => path));
  return new Map(markers.filter(({ entry, reads }) => entry && !reads).map(({ path }) => [path, opening.has(path)]));
}

function written({ marker }: Visit, { kind, assign }: Edge, facts: Facts, sources: ReadonlyMap<string, boolean>): Facts {
  if (marker?.writes && kind !== 'catch') return writtenBy(marker, marker.writes, facts, sources);
  return assign.includes('dataset') && !marker ? new Set([toFact(UNKNOWN)]) : facts;
}

/** What a step makes of a dataset keeps its window. */
function writtenBy({ path, step, bucket }: Marker, format: Format, facts: Facts, sources: ReadonlyMap<string, boolean>): Facts {
  const source = sources.get(path);
  const windows = source === undefined ? [...facts].map((fact) => fromFact(fact).window) : [source];
  return new Set(windows.map((window) => toFact({ format, step, bucket, window })));
}

function toFact({ format, step, bucket, window }: Origin): string {
  return JSON.stringify({ format, step, bucket, window });
}

function fromFact(fact: string): Origin {
  return JSON.parse(fact);
}
