import { LoadMode } from '../../lib';
import type { Column } from '../../lib/runtime/contract';
import { COLUMNS, LoadBench, loadMachine } from '../support/load-bench';

const append = loadMachine({ mode: LoadMode.append() });

jest.setTimeout(60_000);

let bench: LoadBench;
beforeEach(async () => {
  bench = await LoadBench.open();
});
afterEach(() => bench.close());

/** Times a microsecond before, on and after the border between two windows, as PostgreSQL writes them. */
const [BEFORE, BORDER, AFTER, END] = ['11:59:59.999999', '12:00:00', '12:00:00.000001', '13:00:00'].map((time) => `2026-03-29 ${time}`) as [
  string,
  string,
  string,
  string,
];

describe.each([
  ['timestamp', '', ''],
  ['timestamptz', '+00', '+00'],
  ['timestamptz', '+00', '+02:00'],
])('a window of a %s column that is loaded again replaces itself to the microsecond', (type, zone, rowZone) => {
  const columns: Column[] = COLUMNS.map((column) => (column.name === 'updated_at' ? { ...column, type } : column));
  const hours = rowZone === '+02:00' ? (time: string) => time.replace(/ (\d\d)/, (_, hour) => ` ${Number(hour) + 2}`) : (time: string) => time;
  const rows = (...times: string[]) =>
    times.map((time, index) => ({ id: String(index), value: time.slice(11), updated_at: `${hours(time)}${rowZone}`, deleted: null }));
  const values = async () => (await bench.on.rows('SELECT value FROM items ORDER BY value')).map(({ value }) => value);

  test('on both sides of a border', async () => {
    const first = bench.dataset(rows(BEFORE), { window: [null, `${BORDER}${zone}`], columns });
    const second = bench.dataset(rows(BORDER, AFTER), { window: [`${BORDER}${zone}`, `${END}${zone}`], columns });
    for (const dataset of [first, second, first, second, second, first]) await bench.load(append, dataset);
    expect(await values()).toEqual([BEFORE, BORDER, AFTER].map((time) => time.slice(11)));
  });

  test('by what the source holds by now', async () => {
    await bench.load(append, bench.dataset(rows(BORDER, AFTER), { window: [`${BORDER}${zone}`, `${END}${zone}`], columns }));
    await bench.load(append, bench.dataset(rows(BORDER), { window: [`${BORDER}${zone}`, `${END}${zone}`], columns }));
    expect(await values()).toEqual([BORDER.slice(11)]);
  });
});
