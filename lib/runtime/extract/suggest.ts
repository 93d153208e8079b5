const SHOWN = 3;

/** ` - did you mean 'a' or 'b'?` for the names that are close to the one that is not there, else nothing. */
export function didYouMean(wanted: string, candidates: readonly string[]): string {
  const limit = Math.max(2, Math.floor(wanted.length / 3));
  const close = candidates
    .map((name) => ({ name, distance: distance(wanted.toLowerCase(), name.toLowerCase(), limit) }))
    .filter((candidate) => candidate.distance <= limit)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, SHOWN)
    .map(({ name }) => `'${name}'`);
  return close.length > 0 ? ` - did you mean ${close.join(' or ')}?` : '';
}

/** Levenshtein distance, or anything above `limit` once it must be. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      row[j] = Math.min(row[j - 1]! + 1, previous[j]! + 1, previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    previous = row;
  }
  return previous[b.length]!;
}
