/** Wraps an expression as a JSONata string of a state. */
export function jsonata(expression: string): string {
  return `{% ${expression} %}`;
}

/** A JSONata string literal; the quote that needs no escape is taken, so that SQL in an ASL file can be read. */
export function literal(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return escaped.includes("'") ? `"${escaped.replaceAll('"', '\\"')}"` : `'${escaped}'`;
}

/** Joins JSONata expressions and literals with `&`. */
export function concat(...parts: string[]): string {
  return parts.filter((part) => part !== "''").join(' & ');
}
