/** Somebody who sleeps on a virtual clock. */
export interface Sleeper {
  readonly until: number;
  /** Wakes whoever sleeps; undefined once nobody does. */
  wake?: () => void;
}

interface Place {
  readonly sleeper: Sleeper;
  /** Tells sleepers of the same time apart. */
  readonly arrival: number;
}

/** Sleepers in the order in which they wake: of time, then of arrival. A binary heap, because there may be tens of thousands. */
export class Sleepers {
  private heap: Place[] = [];
  private arrivals = 0;
  /** How many places in the heap belong to nobody any more. */
  private gone = 0;

  /** The next to wake. */
  get first(): Sleeper | undefined {
    while (this.heap.length > 0 && this.heap[0]!.sleeper.wake === undefined) {
      this.pop();
      this.gone -= 1;
    }
    return this.heap[0]?.sleeper;
  }

  add(sleeper: Sleeper): void {
    this.arrivals += 1;
    this.push({ sleeper, arrival: this.arrivals });
  }

  /** Takes out the first one. */
  shift(): Sleeper {
    return this.pop().sleeper;
  }

  /** Forgets a sleeper. Its place goes when its time comes, or once most places are such. */
  remove(sleeper: Sleeper): void {
    sleeper.wake = undefined;
    this.gone += 1;
    if (this.gone * 2 <= this.heap.length) return;
    const left = this.heap.filter((place) => place.sleeper.wake !== undefined);
    this.heap = [];
    this.gone = 0;
    for (const place of left) this.push(place);
  }

  private push(place: Place): void {
    const { heap } = this;
    let index = heap.length;
    while (index > 0) {
      const above = (index - 1) >> 1;
      if (!before(place, heap[above]!)) break;
      heap[index] = heap[above]!;
      index = above;
    }
    heap[index] = place;
  }

  private pop(): Place {
    const { heap } = this;
    const top = heap[0]!;
    const last = heap.pop()!;
    let index = 0;
    for (;;) {
      let below = index * 2 + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && before(heap[below + 1]!, heap[below]!)) below += 1;
      if (!before(heap[below]!, last)) break;
      heap[index] = heap[below]!;
      index = below;
    }
    if (heap.length > 0) heap[index] = last;
    return top;
  }
}

function before(a: Place, b: Place): boolean {
  return a.sleeper.until < b.sleeper.until || (a.sleeper.until === b.sleeper.until && a.arrival < b.arrival);
}
