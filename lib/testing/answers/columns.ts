import type { Column } from '../../runtime/contract';

/** A list of columns in the JSONata that refuses a dataset which lacks one of them. */
const REQUIRED = /\$missing := (\[.*?\])\[\$not\(/g;
const NAME = /'([^']*)'|"([^"]*)"/g;

/** The columns that a definition names: those it extracts by, cleans, partitions by and keys on. Each can hold any text. */
export function columnsNamedIn(definition: unknown): Column[] {
  const names = new Set<string>();
  collect(definition, names);
  return (names.size === 0 ? ['id'] : [...names]).map((name) => ({ name, type: 'varchar(256)', nullable: true }));
}

function collect(value: unknown, names: Set<string>): void {
  if (typeof value === 'string') {
    for (const [, list] of value.matchAll(REQUIRED)) {
      for (const [, single, double] of list!.matchAll(NAME)) names.add((single ?? double)!);
    }
  }
  if (typeof value !== 'object' || value === null) return;
  const { rule, column, columns, lagSeconds, partBytes } = value as Readonly<Record<string, unknown>>;
  const isOwn = rule !== undefined || lagSeconds !== undefined || partBytes !== undefined;
  if (isOwn) for (const name of [column, columns].flat()) if (typeof name === 'string') names.add(name);
  for (const item of Object.values(value)) collect(item, names);
}
