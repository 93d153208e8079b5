import { PermanentError } from './errors';

/** A column type that takes no argument. */
export type PlainType = 'smallint' | 'integer' | 'bigint' | 'real' | 'double precision' | 'boolean' | 'date' | 'time' | 'timestamp' | 'timestamptz';

/** `Column.type`, taken apart. */
export type ColumnType =
  | { readonly kind: PlainType }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  /** `length` counts bytes of UTF-8. */
  | { readonly kind: 'varchar'; readonly length: number };

/** Bytes in the longest text Redshift stores. */
export const MAX_VARCHAR = 65_535;
/** Digits in the longest decimal Redshift stores. */
export const MAX_PRECISION = 38;
const MAX_SCALE = 37;

const PLAIN: ReadonlySet<string> = new Set<PlainType>([
  'smallint',
  'integer',
  'bigint',
  'real',
  'double precision',
  'boolean',
  'date',
  'time',
  'timestamp',
  'timestamptz',
]);

const ALLOWED = 'smallint, integer, bigint, decimal(p,s), real, double precision, boolean, varchar(n), date, time, timestamp, timestamptz';

/** Takes a `Column.type` apart; an unknown type or an argument out of Redshift's range is `InvalidInput`. */
export function parseType(text: string): ColumnType {
  if (PLAIN.has(text)) return { kind: text as PlainType };

  const decimal = /^decimal\((\d{1,2}),(\d{1,2})\)$/.exec(text);
  if (decimal) {
    const [precision, scale] = [Number(decimal[1]), Number(decimal[2])];
    if (precision < 1 || precision > MAX_PRECISION || scale > Math.min(precision, MAX_SCALE)) {
      throw new PermanentError(
        'InvalidInput',
        `column type '${text}' is out of range; precision goes from 1 to ${MAX_PRECISION}, scale from 0 to the precision, at most ${MAX_SCALE}`,
      );
    }
    return { kind: 'decimal', precision, scale };
  }

  const varchar = /^varchar\((\d{1,5})\)$/.exec(text);
  if (varchar) {
    const length = Number(varchar[1]);
    if (length < 1 || length > MAX_VARCHAR) {
      throw new PermanentError('InvalidInput', `column type '${text}' is out of range; the length goes from 1 to ${MAX_VARCHAR} bytes`);
    }
    return { kind: 'varchar', length };
  }

  throw new PermanentError('InvalidInput', `column type '${text}' is not known; use one of ${ALLOWED}, in lower case and without spaces in brackets`);
}

/** The text of a type as `Column.type` carries it: the reverse of {@link parseType}. */
export function formatType(type: ColumnType): string {
  switch (type.kind) {
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`;
    case 'varchar':
      return `varchar(${type.length})`;
    default:
      return type.kind;
  }
}
