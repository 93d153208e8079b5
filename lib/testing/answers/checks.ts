/** What is wrong with a value, each with its path; nothing if all is well. */
export type Check = (value: unknown, path: string) => string[];

const kind =
  (what: string, allows: (value: unknown) => boolean): Check =>
  (value, path) =>
    allows(value) ? [] : [value === undefined ? `${path} is missing, but must be ${what}` : `${path} is ${shown(value)}, but must be ${what}`];

export const text = kind('a text', (value) => typeof value === 'string' && value !== '');
export const count = kind('a whole number from 0', (value) => Number.isInteger(value) && (value as number) >= 0);
export const positive = kind('a whole number from 1', (value) => Number.isInteger(value) && (value as number) >= 1);
export const share = kind('a number from 0 to 1', (value) => typeof value === 'number' && value >= 0 && value <= 1);
export const flag = kind('true or false', (value) => typeof value === 'boolean');
export const s3Url = kind('s3://bucket/key', (value) => typeof value === 'string' && /^s3:\/\/[^/]+\/[^/].*$/.test(value));

export const oneOf = (...values: string[]): Check => kind(`one of ${values.join(', ')}`, (value) => values.includes(value as string));

export const optional =
  (check: Check): Check =>
  (value, path) =>
    value === undefined ? [] : check(value, path);

export const nullable =
  (check: Check): Check =>
  (value, path) =>
    value === null ? [] : check(value, path);

export const list =
  (check: Check): Check =>
  (value, path) =>
    Array.isArray(value) ? value.flatMap((item, index) => check(item, `${path}[${index}]`)) : kind('a list', Array.isArray)(value, path);

/** An object with the fields of `T`, each of them and no other: the compiler holds the table against the contract. */
export function fields<T>(checks: { readonly [K in keyof Required<T>]: Check }): Check {
  const known = Object.entries(checks) as [string, Check][];
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return kind('an object', () => false)(value, path);
    const unknown = Object.keys(value).filter((name) => !(name in checks));
    return [
      ...known.flatMap(([name, check]) => check((value as Record<string, unknown>)[name], `${path}.${name}`)),
      ...unknown.map((name) => `${path}.${name} is not known; the contract has ${Object.keys(checks).join(', ')}`),
    ];
  };
}

function shown(value: unknown): string {
  const json = JSON.stringify(value);
  return json.length > 80 ? `${json.slice(0, 80)}...` : json;
}
