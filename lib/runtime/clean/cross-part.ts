import { blockRecordsFor, compareCursors, KeysCursor } from './keys-file';

/** The keys of one cleaned part. */
export interface PartKeys {
  readonly part: number;
  readonly url: string;
  readonly records: number;
}

/** The rows of a part whose key an earlier part has. */
export interface Duplicates {
  readonly part: number;
  readonly count: number;
  has(ordinal: number): boolean;
}

/** Bounds on memory: of the blocks of keys held at a time, and how many rows can be marked at a time (a bit each). */
export interface Bounds {
  readonly blockBytes: number;
  readonly markedRows: number;
}

const DEFAULT_BOUNDS: Bounds = { blockBytes: 32 * 1024 * 1024, markedRows: 2 ** 29 };

/**
 * Finds the rows whose key an earlier part has, part by part, by merging the sorted keys of all parts. Memory stays within the bounds whatever the number
 * of rows: when there are more than can be marked at once, the keys are merged again for the next group of parts.
 */
export async function* findDuplicates(parts: readonly PartKeys[], bounds: Bounds = DEFAULT_BOUNDS): AsyncGenerator<Duplicates> {
  for (let from = 0; from < parts.length; ) {
    let to = from + 1;
    let rows = parts[from]!.records;
    while (to < parts.length && rows + parts[to]!.records <= bounds.markedRows) rows += parts[to++]!.records;
    const marked = parts.slice(from, to).map((part) => new Marks(part.part, part.records));
    await markDuplicates(parts.slice(0, to), new Map(marked.map((marks) => [marks.part, marks])), bounds.blockBytes);
    for (const marks of marked) if (marks.count > 0) yield marks;
    from = to;
  }
}

class Marks implements Duplicates {
  count = 0;
  private readonly bits: Uint8Array;

  constructor(
    readonly part: number,
    rows: number,
  ) {
    this.bits = new Uint8Array(Math.ceil(rows / 8));
  }

  mark(ordinal: number): void {
    this.bits[ordinal >> 3]! |= 1 << (ordinal & 7);
    this.count++;
  }

  has(ordinal: number): boolean {
    return (this.bits[ordinal >> 3]! & (1 << (ordinal & 7))) !== 0;
  }
}

async function markDuplicates(parts: readonly PartKeys[], marked: ReadonlyMap<number, Marks>, blockBytes: number): Promise<void> {
  const blockRecords = blockRecordsFor(parts.length, blockBytes);
  const cursors = parts.map(({ part, url, records }) => new KeysCursor(part, url, records, blockRecords));
  const filled = await Promise.all(cursors.map((cursor) => cursor.refill()));
  const heap = cursors.filter((_, index) => filled[index]);
  for (let at = heap.length >> 1; at >= 0; at--) sink(heap, at);

  let last: Uint32Array | undefined;
  while (heap.length > 0) {
    const first = heap[0]!;
    if (last && isSame(first.hash, last)) {
      marked.get(first.part)?.mark(first.ordinal);
    } else {
      last ??= new Uint32Array(first.hash.length);
      last.set(first.hash);
    }
    if (!first.next() && !(await first.refill())) {
      const end = heap.pop()!;
      if (heap.length > 0) heap[0] = end;
    }
    sink(heap, 0);
  }
}

function isSame(one: Uint32Array, other: Uint32Array): boolean {
  return one[0] === other[0] && one[1] === other[1] && one[2] === other[2] && one[3] === other[3];
}

/** Moves the cursor at a place of the heap down to where it belongs. */
function sink(heap: KeysCursor[], place: number): void {
  let at = place;
  for (;;) {
    let least = at;
    for (let child = 2 * at + 1; child <= 2 * at + 2 && child < heap.length; child++) {
      if (compareCursors(heap[child]!, heap[least]!) < 0) least = child;
    }
    if (least === at) return;
    [heap[at], heap[least]] = [heap[least]!, heap[at]!];
    at = least;
  }
}
