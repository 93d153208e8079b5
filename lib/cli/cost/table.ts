import { type Assumptions, type Estimate, MOST_EVENTS, PRICES, PRICES_REGION, type PriceName, type RunCost } from '../../asl/cost';

const CASES = ['best', 'expected', 'worst'] as const;
const MOST_STATES = 8;

/** An estimate for people. */
export function costTable(name: string, estimate: Estimate, { parts = 1, rows = 1000 }: Assumptions): string {
  const runs = CASES.map((kind) => [kind, whole(estimate[kind].transitions), whole(estimate[kind].events), ...dollarsOf(estimate[kind])]);
  const states = estimate.expected.states
    .slice(0, MOST_STATES)
    .map(({ name: state, tries, stepFunctions, services }) => [state, whole(tries), dollars(stepFunctions), dollars(services)]);
  const assumed = [`${count(parts, 'part')}, ${count(rows, 'row')}`, ...estimate.assumed];
  const unread = (Object.keys(estimate.expected.usage) as PriceName[]).filter((price) => !('read' in PRICES[price]));
  return [
    name,
    ...columns([['one run', 'transitions', 'events', 'Step Functions', 'services', 'total'], ...runs]),
    '',
    ...columns([['dearest states, expected', 'tries', 'Step Functions', 'services'], ...states]),
    '',
    ...CASES.flatMap((kind) => tooLong(kind, estimate[kind])),
    `  assumed: ${assumed.join('; ')}`,
    `  list prices of ${PRICES_REGION} before free tiers${unread.length === 0 ? '' : `; not looked up, check yours: ${unread.join(', ')}`}`,
    '',
  ].join('\n');
}

function dollarsOf({ dollars: { transitions, express, services, total } }: RunCost): string[] {
  return [dollars(transitions + express), dollars(services), dollars(total)];
}

function tooLong(kind: string, { events }: RunCost): string[] {
  if (events <= MOST_EVENTS) return [];
  return [`  the ${kind} run needs ${whole(events)} events, but a history has room for ${whole(MOST_EVENTS)}: it would fail before its end`];
}

/** Text to the left, numbers to the right. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    `  ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  ')}`.trimEnd(),
  );
}

function whole(number: number): string {
  return number.toLocaleString('en-US', { maximumFractionDigits: 1 });
}

function dollars(amount: number): string {
  return `$${amount.toFixed(6)}`;
}

function count(number: number, what: string): string {
  return `${whole(number)} ${what}${number === 1 ? '' : 's'}`;
}
