import type { PartKeys } from '../contract';
import { blockRecordsFor, compareCursors, KeysCursor, readRows, recordBytes } from './keys-file';
import { RowMarks } from './row-marks';

/** The keys of one cleaned part. */
export interface KeysOfPart extends PartKeys {
  readonly part: number;
  readonly url: string;
  /** How many rows the part has. */
  readonly rows: number;
}

/** The rows of a part that go because another row has their key. */
export interface Duplicates {
  readonly part: number;
  readonly marks: RowMarks;
}

/** Bounds on memory: of the blocks of keys held at a time, and how many rows can be marked at a time (a bit each). */
export interface Bounds {
  readonly blockBytes: number;
  readonly markedRows: number;
}

const DEFAULT_BOUNDS: Bounds = { blockBytes: 256 * 1024 * 1024, markedRows: 2 ** 29 };

/**
 * Finds the rows whose key another row has that stays: the first one read or, with versions, the newest. It merges the sorted keys of all parts. Memory
 * stays within the bounds whatever the number of rows: when there are more than can be marked at once, the keys are merged again for the next parts.
 */
export async function* findDuplicates(parts: readonly KeysOfPart[], versioned: boolean, bounds: Bounds = DEFAULT_BOUNDS): AsyncGenerator<Duplicates> {
  for (let from = 0; from < parts.length; ) {
    let to = from + 1;
    let rows = parts[from]!.rows;
    while (to < parts.length && rows + parts[to]!.rows <= bounds.markedRows) rows += parts[to++]!.rows;
    const marked = new Map<number, RowMarks>();
    for (const part of parts.slice(from, to)) marked.set(part.part, await supersededOf(part, versioned));
    // what comes later takes nothing from the first
    await markDuplicates(versioned ? parts : parts.slice(0, to), marked, versioned, bounds.blockBytes);
    for (const [part, marks] of marked) if (marks.count > 0) yield { part, marks };
    from = to;
  }
}

async function supersededOf({ url, rows, runs, superseded }: KeysOfPart, versioned: boolean): Promise<RowMarks> {
  const marks = RowMarks.none(rows);
  const start = runs.reduce((sum, records) => sum + records, 0) * recordBytes(versioned);
  for await (const row of readRows(url, start, superseded)) marks.mark(row);
  return marks;
}

async function markDuplicates(
  parts: readonly KeysOfPart[],
  marked: ReadonlyMap<number, RowMarks>,
  versioned: boolean,
  blockBytes: number,
): Promise<void> {
  const heap = await cursorsOf(parts, versioned, blockBytes);
  for (let at = heap.length >> 1; at >= 0; at--) sink(heap, at, versioned);

  let last: Uint32Array | undefined;
  while (heap.length > 0) {
    const first = heap[0]!;
    if (last && isSame(first.hash, last)) {
      marked.get(first.part)?.mark(first.row);
    } else {
      last ??= new Uint32Array(first.hash.length);
      last.set(first.hash);
    }
    if (!first.next() && !(await first.refill())) {
      const end = heap.pop()!;
      if (heap.length > 0) heap[0] = end;
    }
    sink(heap, 0, versioned);
  }
}

async function cursorsOf(parts: readonly KeysOfPart[], versioned: boolean, blockBytes: number): Promise<KeysCursor[]> {
  const runs = parts.reduce((sum, part) => sum + part.runs.length, 0);
  const blockRecords = blockRecordsFor(runs, blockBytes, versioned);
  const cursors = parts.flatMap(({ part, url, runs: lengths }) => {
    let first = 0;
    return lengths.map((records) => {
      const cursor = new KeysCursor(part, url, first, records, versioned, blockRecords);
      first += records;
      return cursor;
    });
  });
  const filled = await Promise.all(cursors.map((cursor) => cursor.refill()));
  return cursors.filter((_, index) => filled[index]);
}

function isSame(one: Uint32Array, other: Uint32Array): boolean {
  return one[0] === other[0] && one[1] === other[1] && one[2] === other[2] && one[3] === other[3];
}

/** Moves the cursor at a place of the heap down to where it belongs. */
function sink(heap: KeysCursor[], place: number, versioned: boolean): void {
  let at = place;
  for (;;) {
    let least = at;
    for (let child = 2 * at + 1; child <= 2 * at + 2 && child < heap.length; child++) {
      if (compareCursors(heap[child]!, heap[least]!, versioned) < 0) least = child;
    }
    if (least === at) return;
    [heap[at], heap[least]] = [heap[least]!, heap[at]!];
    at = least;
  }
}
