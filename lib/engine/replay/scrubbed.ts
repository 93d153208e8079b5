/** Words that the recorder puts for a whole value. */
const PLACEHOLDER = /^(timestamp|date|RequestId|x-amzn-RequestId|X-Amzn-Trace-Id|[a-z]+(?:[_-][a-z0-9]+)*[_-](?:name|arn|id|url|date|time))$/;

/** What the recorder puts for a part of a value, and what may stand there. */
const PARTS: readonly (readonly [RegExp, string])[] = [
  [/<[^<>]+>/, '[\\s\\S]*'],
  [/111111111111/, '\\d{12}'],
];

/** Whether a value is the recorded one, up to what the recorder scrubbed. */
export function equalsScrubbed(value: unknown, recorded: unknown): boolean {
  if (value === recorded) return true;
  if (typeof recorded === 'string') return typeof value === 'string' ? matchesScrubbed(value, recorded) : PLACEHOLDER.test(recorded);
  if (!isObject(value) || !isObject(recorded) || Array.isArray(value) !== Array.isArray(recorded)) return false;
  const keys = Object.keys(recorded);
  return keys.length === Object.keys(value).length && keys.every((key) => Object.hasOwn(value, key) && equalsScrubbed(value[key], recorded[key]));
}

function matchesScrubbed(text: string, recorded: string): boolean {
  if (PLACEHOLDER.test(recorded)) return true;
  const parts = new RegExp(PARTS.map(([part]) => `(${part.source})`).join('|'), 'g');
  let pattern = '';
  let end = 0;
  for (const found of recorded.matchAll(parts)) {
    const which = PARTS.findIndex((_, index) => found[index + 1] !== undefined);
    pattern += escaped(recorded.slice(end, found.index)) + PARTS[which]![1];
    end = found.index + found[0].length;
  }
  return end > 0 && new RegExp(`^${pattern}${escaped(recorded.slice(end))}$`).test(text);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
