import { type ColumnType, formatType, MAX_PRECISION, MAX_VARCHAR } from '../shared/types';

/** A column as the catalogue has it, domains resolved to the type they rest on. */
export interface SourceColumn {
  readonly name: string;
  readonly nullable: boolean;
  /** `pg_type.typname`, and whether it is a type of PostgreSQL itself. */
  readonly type: string;
  readonly builtIn: boolean;
  readonly isEnum: boolean;
  /** The type's modifier, -1 for none. */
  readonly modifier: number;
  /** The type as SQL writes it, for messages. */
  readonly declared: string;
}

const PLAIN: Readonly<Record<string, ColumnType>> = {
  int2: { kind: 'smallint' },
  int4: { kind: 'integer' },
  int8: { kind: 'bigint' },
  float4: { kind: 'real' },
  float8: { kind: 'double precision' },
  bool: { kind: 'boolean' },
  date: { kind: 'date' },
  time: { kind: 'time' },
  timestamp: { kind: 'timestamp' },
  timestamptz: { kind: 'timestamptz' },
  uuid: { kind: 'varchar', length: 36 },
  text: { kind: 'varchar', length: MAX_VARCHAR },
  json: { kind: 'varchar', length: MAX_VARCHAR },
  jsonb: { kind: 'varchar', length: MAX_VARCHAR },
};

/** A label of an enum has at most 63 bytes. */
const ENUM: ColumnType = { kind: 'varchar', length: 256 };
/** PostgreSQL counts characters, Redshift bytes; a character of UTF-8 has at most four. */
const BYTES_PER_CHARACTER = 4;
/** PostgreSQL adds the size of a length word to the modifiers of text and numeric. */
const HEADER = 4;

/** The Redshift type that holds every finite value of a column exactly, or why there is none. */
export function redshiftType(column: SourceColumn): { readonly type: string } | { readonly unsupported: string } {
  if (column.isEnum) return { type: formatType(ENUM) };
  if (column.builtIn) {
    const plain = PLAIN[column.type];
    if (plain) return { type: formatType(plain) };
    if (column.type === 'varchar' || column.type === 'bpchar') return { type: formatType(text(column.modifier)) };
    if (column.type === 'numeric') return decimal(column);
  } else if (column.type === 'citext') {
    return { type: formatType(PLAIN.text!) };
  }
  return { unsupported: `'${column.name}' is ${column.declared}` };
}

function text(modifier: number): ColumnType {
  return { kind: 'varchar', length: modifier < 0 ? MAX_VARCHAR : Math.min((modifier - HEADER) * BYTES_PER_CHARACTER, MAX_VARCHAR) };
}

function decimal(column: SourceColumn): { readonly type: string } | { readonly unsupported: string } {
  if (column.modifier < 0) return { unsupported: `'${column.name}' is numeric without precision` };
  const packed = column.modifier - HEADER;
  const precision = (packed >> 16) & 0xffff;
  // an 11 bit two's complement number: since version 15 a scale may be negative or above the precision
  const scale = ((packed & 0x7ff) ^ 1024) - 1024;
  const digits = Math.max(scale < 0 ? precision - scale : precision, scale);
  if (digits > MAX_PRECISION || scale > MAX_PRECISION - 1) return { unsupported: `'${column.name}' is ${column.declared}` };
  return { type: formatType({ kind: 'decimal', precision: digits, scale: Math.max(scale, 0) }) };
}
