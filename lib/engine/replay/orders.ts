import type { RecordedAttempt } from './answers';

/** More attempts than these would take too many tries. */
const MOST = 5;

/**
 * The orders in which recorded attempts may have come. Where the recorder sorted the events of branches, nothing tells whose outcome was whose: the
 * attempts without a state in every order, the recorded one first.
 */
export function* ordersOf(attempts: readonly RecordedAttempt[]): Generator<readonly RecordedAttempt[]> {
  yield attempts;
  const places = [...attempts.keys()].filter((index) => attempts[index]!.state === undefined);
  if (places.length < 2 || places.length > MOST) return;
  for (const order of permutations(places.map((index) => attempts[index]!))) {
    yield attempts.map((attempt, index) => order[places.indexOf(index)] ?? attempt);
  }
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((first, index) => permutations(items.toSpliced(index, 1)).map((rest) => [first, ...rest]));
}
