import type { MapState } from './definition';
import { ErrorName, StateFailure } from './errors';
import type { Frame } from './frame';
import { Group } from './group';
import { itemsOf } from './items';
import { checkPayload } from './limits';
import type { RunProgram } from './parallel';
import { type Tolerance, toleranceOf } from './tolerance';
import type { Visit } from './visit';

/** An inline Map never runs more iterations at once than this. */
const INLINE_CONCURRENCY = 40;

/** One attempt of an inline Map: its items in order, so many at once, until all are done or more failed than it tolerates. */
export async function iterate(visit: Visit<MapState>, runProgram: RunProgram): Promise<unknown[]> {
  const { state, frame } = visit;
  const items = await itemsOf(visit);
  const concurrency = (await visit.integer(state.MaxConcurrency, 'MaxConcurrency', 0)) || INLINE_CONCURRENCY;
  const tolerance = await toleranceOf(visit);
  frame.record('MapStateStarted', { mapStateStartedEventDetails: { length: items.length } });
  return new MapAttempt(visit, items, tolerance, runProgram).run(Math.min(concurrency, items.length));
}

/** Items on their way through the item processor, in the order of the array. */
class MapAttempt {
  private readonly group: Group;
  private readonly outputs = new Map<number, unknown>();
  private next = 0;
  private failures = 0;

  constructor(
    private readonly visit: Visit<MapState>,
    private readonly items: readonly unknown[],
    private readonly tolerance: Tolerance | undefined,
    private readonly runProgram: RunProgram,
  ) {
    this.group = new Group(visit.frame);
  }

  async run(workers: number): Promise<unknown[]> {
    const { frame, name } = this.visit;
    await this.group.all(Array.from({ length: workers }, () => this.work(frame.previous)));
    // Iterations that failed within the tolerance leave no output.
    const outputs = [...this.items.keys()].filter((index) => this.outputs.has(index)).map((index) => this.outputs.get(index));
    checkPayload(JSON.stringify(outputs), `The state/task '${name}' returned a result`);
    frame.note('MapStateSucceeded');
    return outputs;
  }

  /** Takes the next item until there is none. `previous` is the event that made room for it. */
  private async work(previous: number): Promise<void> {
    const { visit, group } = this;
    let before = previous;
    while (this.next < this.items.length) {
      const index = this.next;
      this.next += 1;
      const line = group.open({ map: visit.name, item: { Index: index, Value: this.items[index] } });
      line.start(before);
      try {
        this.outputs.set(index, await this.runProgram(visit.state.ItemProcessor, await this.inputOf(line), line));
        visit.frame.previous = line.finish();
      } catch (error) {
        this.failed(line, error);
      }
      before = line.previous;
    }
  }

  private async inputOf(line: Frame): Promise<unknown> {
    const { state } = this.visit;
    if (state.ItemSelector === undefined) return line.item!.Value;
    return this.visit.evaluate(state.ItemSelector, 'ItemSelector', undefined, line.item);
  }

  /** Counts a failed iteration; throws when it is one too many. */
  private failed(line: Frame, error: unknown): undefined {
    const { visit, group, items, tolerance } = this;
    if (!(error instanceof StateFailure) || tolerance === undefined) return group.fail(line, error);
    this.failures += 1;
    if (tolerance.exceededBy(this.failures, items.length)) {
      const cause = `The Map state '${visit.name}' failed because ${this.failures} of ${items.length} items failed.`;
      return group.fail(line, new StateFailure(ErrorName.EXCEED_TOLERATED_FAILURE_THRESHOLD, cause));
    }
    line.close('Failed', line.previous);
    visit.frame.previous = line.previous;
  }
}
