/** The statuses that an order may have; a few rows have others. */
export const STATUSES = ['new', 'paid', 'shipped', 'cancelled'] as const;

/** The demo's source table, as a legacy system leaves it: nearly everything is text. */
export const CREATE_ORDERS = `CREATE SCHEMA IF NOT EXISTS sales;
CREATE TABLE sales.orders (
  order_id text, customer_id text, status text, total text, currency text, email text, note text, ordered_at text,
  updated_at timestamptz NOT NULL
);`;

export const COPY_ORDERS = 'COPY sales.orders FROM STDIN';

interface Order {
  order_id: string | null;
  customer_id: string | null;
  status: string | null;
  total: string | null;
  currency: string;
  email: string | null;
  note: string | null;
  ordered_at: string | null;
  updated_at: string;
}

const FIRST_ID = 100_000;

type Dirt = (order: Order, row: number) => Partial<Order>;

/** What is wrong with some rows: one row of every hundred for each entry. The order of the rows hides the pattern. */
const DIRT: readonly Dirt[] = [
  ({ customer_id, status }) => ({ customer_id: `  ${customer_id} `, status: `\t${status}  ` }),
  ({ total, email }) => ({ total: ` ${total}`, email: `${email}   ` }),
  () => ({ status: 'N/A' }),
  () => ({ customer_id: '-' }),
  () => ({ email: '   ', note: '' }),
  ({ total }) => ({ total: `${total} EUR` }),
  ({ total }) => ({ total: `-${total}` }),
  (_, row) => ({ status: Math.floor(row / 100) % 2 === 0 ? 'unknown' : 'SHIPPED?' }),
  (_, row) => ({ order_id: String(FIRST_ID + row - 1) }),
  (_, row) => ({ order_id: Math.floor(row / 100) % 2 === 0 ? null : '' }),
  () => ({ total: 'N/A' }),
  (_, row) => ({ ordered_at: Math.floor(row / 100) % 2 === 0 ? '2025-02-30 12:00:00' : '31.12.2024' }),
  ({ email }) => ({ email: email!.replace('@', ' at ') }),
];

const FIRST_NAMES = ['ana', 'bjorn', 'chen', 'dina', 'emeka', 'fatima', 'goran', 'hana', 'ines', 'jonas'];
const LAST_NAMES = ['lopez', 'larsen', 'wei', 'petrov', 'okafor', 'haddad', 'novak', 'suzuki', 'silva', 'meyer'];
const CURRENCIES = ['EUR', 'USD', 'GBP'];
const NOTES = [
  'leave at the door',
  'gift, please wrap: "with love", no invoice',
  'Grüße aus Köln, à bientôt, ¡hasta luego!',
  'two lines:\nring twice, then knock',
  'tab\there, backslash \\N and \\ there',
  'birthday 🎂 for Zoë, 寿司 after',
  "Robert'); DROP TABLE orders;--",
];
const FIRST_UPDATE = Date.UTC(2025, 0, 1);

/** A row of the table: the same for the same number, wherever it is made. Rows are numbered from 1. */
export function order(row: number): Order {
  const random = randomFrom(row);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const clean: Order = {
    order_id: String(FIRST_ID + row),
    customer_id: String(1000 + Math.floor(random() * 2000)),
    status: pick(STATUSES),
    total: (random() * 500 + 1).toFixed(2),
    currency: pick(CURRENCIES),
    email: `${pick(FIRST_NAMES)}.${pick(LAST_NAMES)}${Math.floor(random() * 90) + 10}@example.com`,
    note: random() < 0.2 ? pick(NOTES) : random() < 0.5 ? null : '',
    ordered_at: text(FIRST_UPDATE + row * 1000 - Math.floor(random() * 86_400_000)),
    updated_at: `${text(FIRST_UPDATE + row * 1000)}+00`,
  };
  return { ...clean, ...DIRT[(row * 37) % 100]?.(clean, row) };
}

/** Rows `1..count` as COPY text, in chunks. */
export function* ordersAsCopyText(count: number): Generator<string> {
  const perChunk = 1000;
  for (let first = 1; first <= count; first += perChunk) {
    const rows = Array.from({ length: Math.min(perChunk, count - first + 1) }, (_, index) => copyLine(order(first + index)));
    yield rows.join('');
  }
}

function copyLine(row: Order): string {
  return `${Object.values(row).map(copyField).join('\t')}\n`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function copyField(value: string | null): string {
  return value === null ? '\\N' : value.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character]!);
}

function text(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 19).replace('T', ' ');
}

/** Mulberry32: small, seeded, good enough to vary rows. */
export function randomFrom(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
