import type { Scope } from '../walk';
import type { Shares } from './ways';

/** A run that comes back more often than this never ends. */
const ENDLESS = 1e-12;

/**
 * How often each state of a scope is visited in one run of it, on average: a state as often as the states before it go there. Solves that
 * system of linear equations, because with loops each state is before the other.
 */
export function visitsIn(scope: Scope, shares: ReadonlyMap<string, Shares>): Map<string, number> {
  const names = [...scope.visits.keys()];
  const place = new Map(names.map((name, index) => [name, index]));
  const rows = names.map((name, index) => names.map((_, column) => (column === index ? 1 : 0)).concat(name === scope.startAt ? 1 : 0));
  for (const [name, ways] of shares) {
    for (const [to, share] of ways) {
      const row = rows[place.get(to) ?? -1];
      if (row) row[place.get(name)!]! -= share;
    }
  }
  return new Map(solve(rows).map((visits, index) => [names[index]!, tidy(visits)]));
}

/** Gauss-Jordan elimination with the largest pivot. */
function solve(rows: number[][]): number[] {
  const size = rows.length;
  for (let column = 0; column < size; column += 1) {
    let pivot = column;
    for (let row = column + 1; row < size; row += 1) if (Math.abs(rows[row]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = row;
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    const head = rows[column]!;
    if (Math.abs(head[column]!) < ENDLESS) throw new Error('the assumed ways lead round in a loop that nothing leaves; let a part of them leave it');
    for (const row of rows) {
      const factor = row === head ? 0 : row[column]! / head[column]!;
      if (factor !== 0) for (let index = column; index <= size; index += 1) row[index]! -= factor * head[index]!;
    }
  }
  return rows.map((row, index) => row[size]! / row[index]!);
}

/** Whole numbers come out of divisions with a rest. */
function tidy(visits: number): number {
  const whole = Math.round(visits);
  return Math.abs(visits - whole) < 1e-7 * Math.max(1, whole) ? whole : visits;
}
