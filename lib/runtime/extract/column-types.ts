import { quoteIdentifier } from '../shared/identifier';
import { type ColumnType, formatType, MAX_PRECISION, MAX_VARCHAR } from '../shared/types';

/** A column as the catalogue has it, domains resolved to the type they rest on and arrays to the type of their elements. */
export interface SourceColumn {
  readonly name: string;
  readonly nullable: boolean;
  /** `pg_type.typname`, and whether it is a type of PostgreSQL itself. */
  readonly type: string;
  readonly builtIn: boolean;
  readonly isEnum: boolean;
  /** Whether values are arrays, of whatever dimension. */
  readonly isArray: boolean;
  /** The type's modifier, -1 for none. */
  readonly modifier: number;
  /** The type as SQL writes it, for messages. */
  readonly declared: string;
}

/** Types of the same values on both sides. */
const SAME: Readonly<Record<string, ColumnType>> = {
  int2: { kind: 'smallint' },
  int4: { kind: 'integer' },
  int8: { kind: 'bigint' },
  oid: { kind: 'bigint' },
  float4: { kind: 'real' },
  float8: { kind: 'double precision' },
  bool: { kind: 'boolean' },
  date: { kind: 'date' },
  time: { kind: 'time' },
  timestamp: { kind: 'timestamp' },
  timestamptz: { kind: 'timestamptz' },
};

/** Types that Redshift lacks or stores with a loss, as it does the offset of timetz: their text is all of the value. With the bytes of the longest. */
const AS_TEXT: Readonly<Record<string, number>> = {
  uuid: 36,
  timetz: 24,
  interval: 128,
  inet: 43,
  cidr: 43,
  macaddr: 17,
  macaddr8: 23,
  name: 63,
  char: 4,
  ...Object.fromEntries(
    `text json jsonb jsonpath xml bytea tsvector tsquery point line lseg box path polygon circle int4range int8range numrange daterange tsrange tstzrange
     int4multirange int8multirange nummultirange datemultirange tsmultirange tstzmultirange`
      .split(/\s+/)
      .map((name) => [name, MAX_VARCHAR]),
  ),
};

/** Why a type of PostgreSQL is none of the above, where that is not plain to see. */
const REFUSED: Readonly<Record<string, string>> = { money: ', whose text depends on a setting of the database' };

/** A label of an enum has at most 63 bytes. */
const ENUM_BYTES = 256;
/** PostgreSQL counts characters, Redshift bytes; a character of UTF-8 has at most four. */
const BYTES_PER_CHARACTER = 4;
/** PostgreSQL adds the size of a length word to the modifiers of text and numeric. */
const HEADER = 4;
/** Sign, point and a zero before it. */
const MORE_THAN_DIGITS = 3;

/** The Redshift type that holds every finite value of a column exactly, or why there is none. */
export function redshiftType(column: SourceColumn): { readonly type: string } | { readonly unsupported: string } {
  const type = typeOf(column);
  if (type) return { type: formatType(column.isArray ? varchar(MAX_VARCHAR) : type) };
  const why = column.builtIn ? (REFUSED[column.type] ?? '') : '';
  return { unsupported: `'${column.name}' is ${column.declared}${why}` };
}

/** What a SELECT reads a column as, so that its text is the same whatever the settings of the database, and one that Redshift has functions for. */
export function selectedValue({ name, type, builtIn, isArray }: SourceColumn): string {
  const value = quoteIdentifier(name);
  if (isArray) return `pg_catalog.to_json(${value})`;
  return builtIn && type === 'bytea' ? `pg_catalog.encode(${value}, 'hex')` : value;
}

function typeOf({ type, builtIn, isEnum, modifier }: SourceColumn): ColumnType | undefined {
  if (isEnum) return varchar(ENUM_BYTES);
  if (!builtIn) return type === 'citext' ? varchar(MAX_VARCHAR) : undefined;
  if (type === 'numeric') return decimal(modifier);
  if (type === 'varchar' || type === 'bpchar') return varchar(modifier < 0 ? MAX_VARCHAR : (modifier - HEADER) * BYTES_PER_CHARACTER);
  if (type === 'bit' || type === 'varbit') return varchar(modifier < 0 ? MAX_VARCHAR : modifier);
  if (Object.hasOwn(AS_TEXT, type)) return varchar(AS_TEXT[type]!);
  return Object.hasOwn(SAME, type) ? SAME[type] : undefined;
}

function varchar(bytes: number): ColumnType {
  return { kind: 'varchar', length: Math.min(bytes, MAX_VARCHAR) };
}

/** Numbers of more digits than a decimal has, or of any number of digits, are text; a rule of the clean step makes decimals of those that fit. */
function decimal(modifier: number): ColumnType {
  if (modifier < 0) return varchar(MAX_VARCHAR);
  const packed = modifier - HEADER;
  const precision = (packed >> 16) & 0xffff;
  // an 11 bit two's complement number: since version 15 a scale may be negative or above the precision
  const scale = ((packed & 0x7ff) ^ 1024) - 1024;
  const digits = Math.max(scale < 0 ? precision - scale : precision, scale);
  if (digits > MAX_PRECISION || scale > MAX_PRECISION - 1) return varchar(digits + MORE_THAN_DIGITS);
  return { kind: 'decimal', precision: digits, scale: Math.max(scale, 0) };
}
