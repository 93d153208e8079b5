import { states } from './errors';

const STANDARD_SIZE = 100;

/** The input of an operation that answers page by page. */
export interface PageInput {
  readonly maxResults: number | undefined;
  readonly nextToken: string | undefined;
}

/**
 * One page of a list. The token of the next one holds the key of its first item, not its position, so that a list that grows
 * meanwhile repeats and leaves out nothing. `scope` is what else was asked for: a token is good for the same question only.
 */
export function page<T>(items: readonly T[], { maxResults, nextToken }: PageInput, scope: string, keyOf: (item: T) => string) {
  const start = nextToken === undefined ? 0 : find(items, nextToken, scope, keyOf);
  const end = start + (maxResults || STANDARD_SIZE);
  const next = items[end];
  return { items: items.slice(start, end), nextToken: next === undefined ? undefined : write([scope, keyOf(next)]) };
}

const write = (content: readonly string[]): string => Buffer.from(JSON.stringify(content)).toString('base64url');

function find<T>(items: readonly T[], token: string, scope: string, keyOf: (item: T) => string): number {
  const key = read(token, scope);
  const index = items.findIndex((item) => keyOf(item) === key);
  if (index < 0) throw states.invalidToken();
  return index;
}

function read(token: string, scope: string): string {
  try {
    const [asked, key] = JSON.parse(Buffer.from(token, 'base64url').toString()) as string[];
    if (asked === scope && key !== undefined) return key;
  } catch {
    // Told below.
  }
  throw states.invalidToken();
}
