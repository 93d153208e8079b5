import type { MapState } from '../definition';
import { ErrorName, StateFailure } from '../errors';
import { checkPayload } from '../limits';
import type { Visit } from '../visit';
import type { ChildInput } from './child';
import type { Batching, Plan } from './plan';

/** The inputs of the child executions, in the order of the items, each made when it is asked for. */
export async function* inputsOf(visit: Visit<MapState>, { source, batching }: Plan): AsyncGenerator<ChildInput> {
  const items = selected(visit, source.items());
  let index = 0;
  for await (const { input, count } of batching === undefined ? single(items) : batched(items, batching, visit.name)) {
    checkPayload(input, `The state '${visit.name}' gave a child execution an input`);
    yield { index, input, items: count };
    index += 1;
  }
}

interface Input {
  readonly input: string;
  readonly count: number;
}

/** What the ItemSelector makes of each item, as JSON text. */
async function* selected(visit: Visit<MapState>, items: ReturnType<Plan['source']['items']>): AsyncGenerator<string> {
  const { ItemSelector } = visit.state;
  for await (const item of items) {
    yield JSON.stringify(ItemSelector === undefined ? item.Value : await visit.evaluate(ItemSelector, 'ItemSelector', undefined, item));
  }
}

async function* single(items: AsyncIterable<string>): AsyncGenerator<Input> {
  for await (const input of items) yield { input, count: 1 };
}

/** As many items as fit into a batch by number and by bytes. */
async function* batched(items: AsyncIterable<string>, { items: most, bytes: room, input }: Batching, map: string): AsyncGenerator<Input> {
  const head = input === undefined ? '{"Items":[' : `{"BatchInput":${JSON.stringify(input)},"Items":[`;
  const empty = Buffer.byteLength(head) + 2;
  let batch: string[] = [];
  let bytes = empty;
  const full = () => ({ input: `${head}${batch.join(',')}]}`, count: batch.length });
  for await (const item of items) {
    const size = Buffer.byteLength(item);
    if (empty + size > room) {
      const cause = `The state '${map}' has an item of ${size} bytes, which does not fit into a batch of ${room} bytes.`;
      throw new StateFailure(ErrorName.DATA_LIMIT_EXCEEDED, cause);
    }
    // A comma stands before every item but the first.
    if (batch.length === most || (batch.length > 0 && bytes + 1 + size > room)) {
      yield full();
      batch = [];
      bytes = empty;
    }
    bytes += size + (batch.length > 0 ? 1 : 0);
    batch.push(item);
  }
  if (batch.length > 0) yield full();
}
