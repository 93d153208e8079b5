import { times } from './judge';
import type { Case, Proof } from './options';

/** The matrix for people: a line for each run, and all that was wrong below. */
export function proofTable({ machine, cases, violations }: Proof): string {
  const rows = cases.map((each) => [
    each.violations.length === 0 ? 'ok' : 'WRONG',
    each.state,
    each.fault,
    each.scenario,
    each.status,
    triedOf(each),
    toldOf(each),
  ]);
  const wrong = violations.map((violation) => `- ${violation}`);
  return [
    `${machine}: ${cases.length} runs, ${violations.length} violations`,
    ...aligned([['', 'state', 'fault', 'in', 'ended', 'tries', 'told'], ...rows]),
    ...wrong,
  ].join('\n');
}

function triedOf({ tries }: Case): string {
  return tries === 0 ? '' : String(tries);
}

function toldOf({ alerts, notifications }: Case): string {
  const notified = notifications === 0 ? [] : [`notified ${times(notifications)}`];
  return [...alerts.map((by) => `alert by ${by}`), ...notified].join(', ') || 'nobody';
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}
