import { failingStates } from '../../asl/failing';
import { integrationOf } from '../../asl/steps';
import type { Attempt, Clock, HistoryEvent, TaskHandler } from '../../engine';
import { publicationOf } from '../answers/sns';
import type { Published, SimulatedAttempt } from './simulation';

interface Trying {
  readonly attempt: Attempt;
  readonly start: number;
  end: number;
}

/** Watches a run. */
export class Recorder {
  readonly published: Published[] = [];
  readonly entered = new Set<string>();
  private readonly tries: Trying[] = [];
  private readonly failing: ReadonlySet<string>;
  private readonly started: number;

  constructor(
    definition: object,
    private readonly clock: Clock,
  ) {
    this.failing = failingStates(definition);
    this.started = clock.now();
  }

  /** Follows an attempt from its start to its end. */
  async around(attempt: Attempt, work: () => Promise<unknown>): Promise<unknown> {
    const now = () => this.clock.now() - this.started;
    const trying: Trying = { attempt, start: now(), end: now() };
    this.tries.push(trying);
    try {
      return await work();
    } finally {
      trying.end = now();
    }
  }

  /** The handler, with what it publishes noted once the publication succeeded. */
  publishing(handler: TaskHandler): TaskHandler {
    return async (request) => {
      const answer = await handler(request);
      const { state, resource } = request;
      if (/^(aws-sdk:)?sns:publish(\.|$)/.test(integrationOf(resource))) {
        this.published.push({ ...publicationOf(request), by: state, from: 'machine', alert: this.failing.has(state) });
      }
      return answer;
    };
  }

  /** Takes in the next event; answers the state that it enters. */
  see({ type, stateEnteredEventDetails }: HistoryEvent): string | undefined {
    if (!type.endsWith('StateEntered')) return undefined;
    const { name } = stateEnteredEventDetails as { name: string };
    this.entered.add(name);
    return name;
  }

  attempts(): Record<string, SimulatedAttempt[]> {
    const all: Record<string, SimulatedAttempt[]> = {};
    for (const { attempt, start, end } of this.tries) {
      const { state, entry, item, error } = attempt;
      all[state] ??= [];
      all[state].push({ start, end, ...(error !== undefined && { error }), visit: entry, ...(item !== undefined && { item }) });
    }
    return all;
  }
}
