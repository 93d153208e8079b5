import type { ColumnType } from '../shared/types';
import { VERSION_WORDS } from './key-hash';
import type { Row } from './row';

/** Types whose values, in their plain form, are numbers or sort as numbers do. */
const KINDS: ReadonlySet<string> = new Set(['smallint', 'integer', 'bigint', 'decimal', 'date', 'time', 'timestamp', 'timestamptz']);

const MICROSECOND_DIGITS = 6;
const MIDDLE = 2n ** 127n;
const WORD = 0xffffffffn;

/** Whether values of a type say which of two rows is newer. */
export function isVersion(type: ColumnType): boolean {
  return KINDS.has(type.kind);
}

/** Writes a value as a whole number that sorts as the values of the type do; NULL is older than any other. */
export function versionOf(row: Row, column: number, type: ColumnType, out: Uint32Array): void {
  if (row.isNull(column)) {
    out.fill(0);
    return;
  }
  const number = MIDDLE + BigInt(digitsOf(row.binary(column), type));
  for (let index = 0; index < VERSION_WORDS; index++) out[index] = Number((number >> BigInt(32 * (VERSION_WORDS - 1 - index))) & WORD);
}

function digitsOf(text: string, { kind }: ColumnType): string {
  switch (kind) {
    case 'time':
    case 'timestamp':
    case 'timestamptz': {
      const [seconds, fraction = ''] = text.replace('+00', '').split('.');
      return `${seconds!.replace(/\D/g, '')}${fraction.padEnd(MICROSECOND_DIGITS, '0')}`;
    }
    case 'date':
      return text.replaceAll('-', '');
    default:
      return text.replace('.', '');
  }
}
