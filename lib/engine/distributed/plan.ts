import type { MapState } from '../definition';
import { ErrorName, StateFailure } from '../errors';
import type { MapItem } from '../frame';
import { itemsOf } from '../items';
import { MAX_PAYLOAD_BYTES } from '../limits';
import type { ObjectLocation } from '../s3';
import { type Tolerance, toleranceOf } from '../tolerance';
import type { Visit } from '../visit';
import { Reader } from './reader';

/** A Distributed Map never has more child executions under way than this. */
const MOST_CHILDREN = 10_000;

/** Where the items of a Map Run come from. */
export interface Source {
  /** How many there are, if that is known before they are read. */
  readonly length?: number;
  items(): AsyncIterable<MapItem>;
}

export interface Batching {
  readonly items: number;
  readonly bytes: number;
  readonly input?: unknown;
}

/** What a Distributed Map asks for, with its expressions evaluated. */
export interface Plan {
  readonly source: Source;
  readonly batching?: Batching;
  readonly concurrency: number;
  readonly tolerance: Tolerance;
  readonly destination?: { readonly Bucket: string; readonly Prefix?: string };
}

/** Evaluates all fields but the ItemSelector, which is evaluated for each item. */
export async function planOf(visit: Visit<MapState>): Promise<Plan> {
  const { state } = visit;
  const concurrency = (await visit.integer(state.MaxConcurrency, 'MaxConcurrency', 0)) || MOST_CHILDREN;
  return {
    source: state.ItemReader === undefined ? listed(await itemsOf(visit)) : await readerOf(visit),
    batching: await batchingOf(visit),
    concurrency: Math.min(concurrency, MOST_CHILDREN),
    tolerance: (await toleranceOf(visit)) ?? { exceededBy: (failures) => failures > 0 },
    destination:
      state.ResultWriter?.Arguments === undefined
        ? undefined
        : ((await visit.evaluateAs('object', state.ResultWriter.Arguments, 'ResultWriter/Arguments')) as Plan['destination']),
  };
}

function listed(values: readonly unknown[]): Source {
  return {
    length: values.length,
    async *items() {
      for (const [Index, Value] of values.entries()) yield { Index, Value, Source: 'STATE_DATA' };
    },
  };
}

async function readerOf(visit: Visit<MapState>): Promise<Source> {
  const { Resource, Arguments = {}, ReaderConfig = {} } = visit.state.ItemReader!;
  const most = (await visit.integer(ReaderConfig.MaxItems, 'ItemReader/ReaderConfig/MaxItems', 1)) ?? Infinity;
  const where = (await visit.evaluateAs('object', Arguments, 'ItemReader/Arguments')) as unknown as ObjectLocation;
  const { s3, clock } = visit.frame.run;
  const reader = new Reader(s3!, clock, ReaderConfig);
  return { items: () => counted(Resource.endsWith(':listObjectsV2') ? reader.objects(where) : reader.object(where), most) };
}

/** Numbers the items, up to so many; whatever goes wrong while they are read is the reader's failure. */
async function* counted(values: AsyncIterable<Omit<MapItem, 'Index'>>, most: number): AsyncGenerator<MapItem> {
  let index = 0;
  try {
    for await (const value of values) {
      yield { Index: index, ...value };
      index += 1;
      if (index === most) return;
    }
  } catch (error) {
    throw new StateFailure(ErrorName.ITEM_READER_FAILED, (error as Error).message);
  }
}

async function batchingOf(visit: Visit<MapState>): Promise<Batching | undefined> {
  const { ItemBatcher: batcher } = visit.state;
  if (batcher === undefined) return undefined;
  const items = await visit.integer(batcher.MaxItemsPerBatch, 'ItemBatcher/MaxItemsPerBatch', 1);
  const bytes = await visit.integer(batcher.MaxInputBytesPerBatch, 'ItemBatcher/MaxInputBytesPerBatch', 1);
  return {
    items: items ?? Infinity,
    bytes: Math.min(bytes ?? MAX_PAYLOAD_BYTES, MAX_PAYLOAD_BYTES),
    input: batcher.BatchInput === undefined ? undefined : await visit.evaluate(batcher.BatchInput, 'ItemBatcher/BatchInput'),
  };
}
