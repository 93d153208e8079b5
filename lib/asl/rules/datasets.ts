import type { Format } from '../../runtime/contract';
import type { Marker } from '../marker';
import { type Origin, originsOnEntry } from '../origins';
import { enumerated, type Rule } from './rule';

/** The step that makes one format of another. */
const CONVERTERS: Readonly<Record<string, { readonly to: Format; readonly by: string }>> = {
  'copy-text': { to: 'jsonl', by: 'LambdaClean' },
  jsonl: { to: 'parquet', by: 'GlueParquet' },
};

/** On every way, each step gets a dataset that it can read, in the bucket that it may read, with a window where it needs one. */
export const datasets: Rule = {
  id: 'datasets',
  find: (machine) =>
    [...originsOnEntry(machine)].flatMap(([visit, origins]) => {
      const { marker } = visit;
      if (!marker?.entry || !marker.reads) return [];
      const messages = origins.flatMap((origin) => problems(marker, marker.reads!, origin));
      return [...new Set(messages)].map((message) => ({ visit, message }));
    }),
};

function problems(marker: Marker, reads: readonly Format[], origin: Origin): string[] {
  const { step } = marker;
  if (origin.format === 'nothing') return [`step '${step}' reads ${enumerated(reads)}, but no dataset reaches it; put RdsExtract before it`];
  return [
    ...(origin.format === 'unknown' || reads.includes(origin.format)
      ? []
      : [`step '${step}' reads ${enumerated(reads)}, but gets ${origin.format} from step '${origin.step}'; ${remedy(origin.format, reads)}`]),
    ...(marker.bucket && origin.bucket && marker.bucket !== origin.bucket
      ? [`step '${step}' reads from another bucket than step '${origin.step}' writes to; give both the same bucket`]
      : []),
    ...(marker.needsWindow && !origin.window
      ? [
          `step '${step}' appends or deletes, which may only be repeated for a window, but the dataset from ${maker(origin)} has none; extract incrementally, or use LoadMode.upsert alone`,
        ]
      : []),
  ];
}

function maker({ format, step }: Origin): string {
  return format === 'unknown' ? 'a state that is no step' : `step '${step}'`;
}

function remedy(from: Format, reads: readonly Format[]): string {
  const steps = convertersTo(from, reads);
  return steps ? `put ${steps.join(' and ')} before it` : `no step makes ${enumerated(reads)} of it; join this step further up`;
}

function convertersTo(from: Format, reads: readonly Format[]): string[] | undefined {
  if (reads.includes(from)) return [];
  const converter = CONVERTERS[from];
  const rest = converter && convertersTo(converter.to, reads);
  return rest && [converter.by, ...rest];
}
