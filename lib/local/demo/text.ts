import { styleText } from 'node:util';

/** Puts color on text, or leaves it as it is. */
export type Paint = (format: Parameters<typeof styleText>[0], text: string) => string;

export const plain: Paint = (_, text) => text;
export const colored: Paint = (format, text) => styleText(format, text);

/** With thousands separators. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** `1 row`, `2 rows`, `3 tries`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** As people say it: `0.4 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${count(Math.floor(seconds / 60))} min ${seconds % 60} s`;
}

const CELL = 22;

/** Rows as an aligned table at most `width` wide. Columns that do not fit are left out, which the last line says. */
export function table(rows: readonly Readonly<Record<string, unknown>>[], width: number): string[] {
  const names = Object.keys(rows[0] ?? {});
  const columns = names.map((name) => {
    const cells = rows.map((row) => cell(row[name]));
    const size = Math.max(name.length, ...cells.map((text) => text.length));
    const right = rows.every((row) => row[name] === null || /^-?\d+(\.\d+)?$/.test(String(row[name])));
    return [name, ...cells].map((text) => (right ? text.padStart(size) : text.padEnd(size)));
  });
  let used = 0;
  const fitting = columns.filter((column) => {
    used += column[0]!.length + 2;
    return used - 2 <= width;
  });
  const lines = [...Array(rows.length + 1).keys()].map((line) =>
    fitting
      .map((column) => column[line])
      .join('  ')
      .trimEnd(),
  );
  const left = names.slice(fitting.length);
  return left.length === 0 ? lines : [...lines, `and the columns ${left.join(', ')}`];
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  const text = (typeof value === 'string' ? value : String(value)).replace(/\s/g, ' ');
  const characters = Array.from(text);
  return characters.length > CELL ? `${characters.slice(0, CELL - 1).join('')}…` : text;
}
