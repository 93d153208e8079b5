import type { HistoryEvent } from '../history';
import type { RecordedEvent } from './recording';

/** The event that closes a Parallel or Map, which the recorder loses where it sorts the events of the branches. */
const CLOSING = /^(Parallel|Map)State(Succeeded|Failed)$/;

/**
 * The types of a history in the form that the recorder gave its own. Events of branches that run side by side come in no certain order, so the
 * recorder sorts them and takes their ids away; it then loses the event that closes the branches, as the gap before the next id shows: 65
 * recordings have three such gaps, each where a failed branch closes its Parallel. Here the events between two that kept their ids are sorted
 * by type, on both sides, and where ids are missing a closing event is left out.
 */
export function comparableTypes(history: readonly HistoryEvent[], recorded: readonly RecordedEvent[]): { ours: string[]; theirs: string[] } {
  const ours: string[] = [];
  const theirs: string[] = [];
  let sorted: string[] = [];
  let last = 0;
  const close = (next: number) => {
    const between = history.slice(last, next - 1).map(({ type }) => type);
    const lost = next - 1 - last - sorted.length;
    // Nothing was sorted here: what is missing is missing.
    ours.push(...(sorted.length === 0 ? between : withoutClosing(between, lost).sort()));
    theirs.push(...sorted.sort());
    sorted = [];
  };
  for (const { id, type } of recorded) {
    if (typeof id !== 'number') sorted.push(type);
    else {
      close(id);
      if (history[id - 1] !== undefined) ours.push(history[id - 1]!.type);
      theirs.push(type);
      last = id;
    }
  }
  close(Math.max(history.length, last + sorted.length) + 1);
  return { ours, theirs };
}

/** The types without so many that close a Parallel or Map. */
function withoutClosing(types: readonly string[], count: number): string[] {
  let left = count;
  return types.filter((type) => {
    if (left <= 0 || !CLOSING.test(type)) return true;
    left -= 1;
    return false;
  });
}
