/** A SQL statement failed as it would on Redshift, or asks for something that the local warehouse does not do. The text holds no value of a row. */
export class SqlError extends Error {
  override readonly name = 'SqlError';
}

/** The error for a construct that would not behave as on Redshift. */
export function refused(construct: string, instead: string): SqlError {
  return new SqlError(`${construct} is not known to the local warehouse; ${instead}`);
}

type Rule = readonly [RegExp, (match: RegExpMatchArray) => string];

// DuckDB's own messages quote values and file names, so that none of them is passed on: what a rule does not pick out is dropped.
const RULES: readonly Rule[] = [
  [/^Constraint Error: NOT NULL constraint failed: .*?([^.\s]+)$/m, ([, column]) => `Cannot insert a NULL value into column ${column}`],
  [/^Catalog Error: Table with name "?([^"\s]+)"? already exists/, ([, table]) => `Relation "${table}" already exists`],
  [/^Catalog Error: Table with name "?[^"]*"? does not exist because schema "([^"]+)"/, ([, schema]) => `schema "${schema}" does not exist`],
  [/^Catalog Error: Schema with name "?([^"\s!]+)"? does not exist/, ([, schema]) => `schema "${schema}" does not exist`],
  [/^Catalog Error: Schema with name "?([^"\s!]+)"? already exists/, ([, schema]) => `schema "${schema}" already exists`],
  [/^Catalog Error: Table with name "?([^"\s!]+)"? does not exist/, ([, table]) => `relation "${table}" does not exist`],
  [/^Catalog Error: .*Function with name "?(\w+)"? does not exist/, ([, name]) => `function ${name} does not exist`],
  [/^Binder Error: Referenced (?:update )?column "?([^"\s]+)"? not found/, ([, column]) => `column "${column}" does not exist`],
  [
    /^Binder Error: Table "([^"]+)" does not have a column (?:named|with name) "([^"]+)"/,
    ([, table, column]) => `column "${column}" of "${table}" does not exist`,
  ],
  [/^Binder Error: Referenced table "([^"]+)" not found/, ([, table]) => `relation "${table}" does not exist`],
  [/^Binder Error: Ambiguous reference to column name "([^"]+)"/, ([, column]) => `column reference "${column}" is ambiguous`],
  [
    /^Binder Error: table \S+ has (\d+) columns but (\d+) values/,
    ([, columns, values]) => `the table has ${columns} columns, the statement gives ${values} values`,
  ],
  [/^Binder Error: Column "([^"]+)" specified more than once/, ([, column]) => `column "${column}" specified more than once`],
  [/^Binder Error: No function matches .* '(\w+)\(/, ([, name]) => `function ${name} does not exist for these argument types`],
  [/^Binder Error:/, () => 'the statement does not fit the columns and types it names'],
  [/^Parser Error: syntax error at or near "([^"]*)"/, ([, near]) => `syntax error at or near "${near}"`],
  [/^Parser Error:/, () => 'syntax error'],
  [/^(?:Conversion|Out of Range) Error: .*destination type (\w+)/, () => 'Value out of range for the type it is converted to'],
  [/^Conversion Error:/, () => 'Invalid data: a value does not convert to the type it is given to'],
  [/^Out of Range Error:/, () => 'Numeric data overflow (result precision)'],
  [/^(?:IO|OutOfMemory|Out of Memory) Error: .*(?:No space left|failed to offload|max_temp_directory)/, () => DISK_FULL],
  [/No space left on device/, () => DISK_FULL],
  [/^TransactionContext Error: .*[Cc]onflict/, () => '1023 DETAIL: Serializable isolation violation on table'],
  [/^Invalid Input Error:/, () => 'Invalid data: an input does not have the form its reader needs'],
];

const DISK_FULL = 'Disk full: the local warehouse cannot write; free space where its file and the temporary folder lie';

/** What Redshift would say for an error of DuckDB, without any value of a row. `literals` are the texts that the statement itself holds. */
export function redshiftMessage(error: unknown, literals: readonly string[]): string {
  if (error instanceof SqlError) return error.message;
  const message = (error as Partial<Error> | undefined)?.message ?? '';
  const own = ownCastMessage(message, literals);
  if (own !== undefined) return invalidDigit(own);
  for (const [pattern, text] of RULES) {
    const match = message.match(pattern);
    if (match) return text(match);
  }
  return `the local warehouse failed (${/^[\w ]+(?= Error:)/.exec(message)?.[0] ?? 'unknown'} error)`;
}

/** A statement makes itself fail by casting a sentence to a number; that sentence of literals and counts is its author's, not a row's. */
function ownCastMessage(message: string, literals: readonly string[]): string | undefined {
  const value = /^Conversion Error: Could not convert string '([\s\S]*)' to INT(?:16|32|64)/.exec(message)?.[1];
  if (value === undefined) return undefined;
  let rest = value;
  for (const literal of [...literals].sort((a, b) => b.length - a.length)) if (literal.length > 3) rest = rest.replaceAll(literal, '');
  return rest !== value && /^[\d\s]*$/.test(rest) ? value : undefined;
}

function invalidDigit(text: string): string {
  const error = `Invalid digit, Value '${text[0]}', Pos 0, Type: Integer`;
  return `${error} Detail: error: ${error} code: 1207 context: ${text}`;
}
