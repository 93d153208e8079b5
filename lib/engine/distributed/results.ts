import type { WriterConfig } from '../definition';
import { checkPayloadBytes, MAX_PAYLOAD_BYTES } from '../limits';
import type { ChildExecution } from './child';
import { recordOf } from './record';

/** What becomes of the results of the child executions. */
export interface Results {
  /** Takes in a child that has ended. */
  add(child: ChildExecution): Promise<void>;
  /** Ends the collection, whether the Map Run succeeded or not, and returns the result of the Map. */
  close(): Promise<unknown>;
}

/** What a child puts into the result of its Map. A child that failed is told about in full. */
export function entriesOf(child: ChildExecution, transformation: WriterConfig['Transformation']): readonly unknown[] {
  if (transformation === 'NONE' || child.status !== 'SUCCEEDED') return [recordOf(child)];
  return transformation === 'FLATTEN' && Array.isArray(child.output) ? child.output : [child.output];
}

/** The results as the array that is the result of the Map, in the order of the items. */
export class ListedResults implements Results {
  private entries: (readonly unknown[])[] = [];
  private bytes = 2;

  constructor(
    private readonly map: string,
    private readonly transformation: WriterConfig['Transformation'] = 'COMPACT',
  ) {}

  async add(child: ChildExecution): Promise<void> {
    const entries = entriesOf(child, this.transformation);
    for (const entry of entries) this.bytes += Buffer.byteLength(JSON.stringify(entry)) + (this.bytes > 2 ? 1 : 0);
    // What no state can hold need not be held here either.
    if (this.bytes > MAX_PAYLOAD_BYTES) this.entries = [];
    else this.entries[child.index] = entries;
  }

  async close(): Promise<unknown> {
    checkPayloadBytes(this.bytes, `The state/task '${this.map}' returned a result`);
    return this.entries.flat();
  }
}
