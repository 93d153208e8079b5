type Matcher = (value: unknown) => boolean;

/** A field that the event does not have. */
const ABSENT = Symbol('absent');

/**
 * Judges an event by an EventBridge pattern. Answers exact values, null, `prefix`, `suffix`, `exists` and `anything-but`
 * (a value, a list, a prefix or a suffix); any other operator is an error, never a silent mismatch.
 */
export function matchesPattern(pattern: Readonly<Record<string, unknown>>, event: Readonly<Record<string, unknown>>): boolean {
  return matchesObject(pattern, event, '');
}

function matchesObject(pattern: object, event: unknown, path: string): boolean {
  return Object.entries(pattern).every(([key, expected]) => {
    const value = typeof event === 'object' && event !== null && key in event ? (event as Record<string, unknown>)[key] : ABSENT;
    return matchesField(expected, value, path === '' ? key : `${path}.${key}`);
  });
}

function matchesField(expected: unknown, value: unknown, path: string): boolean {
  if (!Array.isArray(expected)) {
    if (typeof expected === 'object' && expected !== null) return matchesObject(expected, value, path);
    throw new Error(`event pattern, ${path}: expected a list or an object, got ${JSON.stringify(expected)}`);
  }
  const values = Array.isArray(value) ? value : [value];
  return expected.map((one) => matcher(one, path)).some((matches) => values.some(matches));
}

function matcher(expected: unknown, path: string): Matcher {
  if (typeof expected !== 'object' || expected === null) return (value) => value === expected;
  const [operator, argument] = Object.entries(expected)[0] ?? [''];
  switch (operator) {
    case 'exists':
      return (value) => (value !== ABSENT) === argument;
    case 'prefix':
    case 'suffix':
      return affix(operator, argument, path);
    case 'anything-but': {
      const matchers =
        typeof argument === 'object' && !Array.isArray(argument) ? [matcher(argument, path)] : [argument].flat().map((one) => matcher(one, path));
      return (value) => value !== ABSENT && !matchers.some((matches) => matches(value));
    }
    default:
      throw new Error(`event pattern, ${path}: operator '${operator}' is not emulated; use exact values, prefix, suffix, exists or anything-but`);
  }
}

function affix(operator: 'prefix' | 'suffix', argument: unknown, path: string): Matcher {
  if (typeof argument !== 'string') throw new Error(`event pattern, ${path}: ${operator} needs a text, got ${JSON.stringify(argument)}`);
  return (value) => typeof value === 'string' && (operator === 'prefix' ? value.startsWith(argument) : value.endsWith(argument));
}
