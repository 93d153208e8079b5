import type { MapState } from '../definition';
import { ErrorName, StateFailure, Stopped } from '../errors';
import type { RunProgram } from '../parallel';
import { details } from '../run-machine';
import { linkedController, newController, untilAborted } from '../signals';
import type { Visit } from '../visit';
import { type ChildInput, runChild } from './child';
import { ExportedResults } from './export';
import { inputsOf } from './inputs';
import { type MapRunNames, namesOf } from './map-run-names';
import { type Plan, planOf } from './plan';
import { ListedResults, type Results } from './results';
import { Slots } from './slots';

/** One attempt of a Distributed Map, which is one Map Run: every item, or batch of items, in a child execution. */
export async function distribute(visit: Visit<MapState>, runProgram: RunProgram): Promise<unknown> {
  const { state, frame, name } = visit;
  const plan = await planOf(visit);
  const names = namesOf(state, name, frame.run);
  frame.record('MapStateStarted', { mapStateStartedEventDetails: { length: plan.source.length ?? 0 } });
  frame.record('MapRunStarted', { mapRunStartedEventDetails: { mapRunArn: names.mapRunArn } });
  frame.inMapRun = true;
  try {
    const result = await new MapRun(visit, plan, names, runProgram).run();
    frame.record('MapRunSucceeded');
    frame.note('MapStateSucceeded');
    return result;
  } catch (error) {
    if (error instanceof StateFailure) frame.record('MapRunFailed', { mapRunFailedEventDetails: details(error) });
    throw error;
  } finally {
    frame.inMapRun = false;
  }
}

class MapRun {
  private readonly link;
  private readonly slots: Slots;
  private readonly results: Results;
  private readonly running = new Set<AbortController>();
  /** Items, not child executions: a failed batch counts all it held. */
  private failed = 0;
  /** How many items there are, once that is known. */
  private total: number | undefined;

  constructor(
    private readonly visit: Visit<MapState>,
    private readonly plan: Plan,
    private readonly names: MapRunNames,
    private readonly runProgram: RunProgram,
  ) {
    const { state, frame, name } = visit;
    this.link = linkedController(frame.signal);
    this.slots = new Slots(plan.concurrency);
    this.total = plan.source.length;
    const { WriterConfig: config } = state.ResultWriter ?? {};
    this.results =
      plan.destination === undefined
        ? new ListedResults(name, config?.Transformation)
        : new ExportedResults(frame.run.s3!, frame.run.clock, names, plan.destination, config);
  }

  async run(): Promise<unknown> {
    const { signal } = this.link.controller;
    try {
      await untilAborted(this.dispatch(), signal);
    } catch (error) {
      this.stop(error);
      await this.slots.idle();
      // What was done until then is exported as well; that failed already matters more than a failure to tell.
      await this.results.close().catch(() => {});
      throw error;
    } finally {
      this.link.unlink();
    }
    return this.results.close();
  }

  /** Aborts what is under way. Child executions do not listen to one signal: each of thousands would have to look who else does. */
  private stop(reason: unknown): void {
    this.link.controller.abort(reason);
    for (const child of this.running) child.abort(new Stopped('ABORTED'));
  }

  /** Starts a child execution whenever there is room for one, then waits for all. */
  private async dispatch(): Promise<void> {
    const { signal } = this.link.controller;
    let items = 0;
    for await (const child of inputsOf(this.visit, this.plan)) {
      await this.slots.take();
      if (signal.aborted) return this.slots.give();
      items += child.items;
      void this.start(child);
    }
    this.total = items;
    this.judge();
    await this.slots.idle();
  }

  private async start(child: ChildInput): Promise<void> {
    const { visit, names, running } = this;
    const stop = newController();
    running.add(stop);
    try {
      const ended = await runChild(visit.state, names, child, visit.frame.run, stop, this.runProgram);
      await this.results.add(ended);
      if (ended.status !== 'SUCCEEDED') {
        this.failed += child.items;
        this.judge();
      }
    } catch (error) {
      this.stop(error);
    } finally {
      running.delete(stop);
      this.slots.give();
    }
  }

  /** Ends the Map Run once more items failed than it tolerates. */
  private judge(): void {
    if (!this.plan.tolerance.exceededBy(this.failed, this.total)) return;
    this.stop(new StateFailure(ErrorName.EXCEED_TOLERATED_FAILURE_THRESHOLD, 'The specified tolerated failure threshold was exceeded'));
  }
}
