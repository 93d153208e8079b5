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

/** Text that Step Functions would take for an expression, or a reader for JSONPath, becomes an expression that stands for it. */
export function asText(value: unknown): unknown {
  if (typeof value === 'string') return value.startsWith('$') || value.startsWith('{%') ? jsonata(literal(value)) : value;
  if (Array.isArray(value)) return value.map(asText);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, asText(member)]));
}
