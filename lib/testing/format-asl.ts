const WIDTH = 150;

/** JSON in the order of the flow, short objects and lists on one line, so that a whole pipeline can be read in a review. */
export function formatAsl(value: unknown, indent = ''): string {
  const flat = oneLine(value);
  if (flat.length + indent.length <= WIDTH || typeof value !== 'object' || value === null) return flat;
  const inner = `${indent}  `;
  if (Array.isArray(value) && value.every((item) => typeof item === 'string' && item.length < 50)) return fill(value.map(oneLine), indent);
  if (Array.isArray(value)) return `[\n${value.map((item) => inner + formatAsl(item, inner)).join(',\n')}\n${indent}]`;
  const members = Object.entries(value).map(([name, member]) => `${inner}${JSON.stringify(name)}: ${formatAsl(member, inner)}`);
  return `{\n${members.join(',\n')}\n${indent}}`;
}

function oneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${oneLine(member)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

/** Short strings, as many to a line as fit. */
function fill(items: string[], indent: string): string {
  const lines = [''];
  for (const item of items) {
    const last = lines.length - 1;
    if (indent.length + lines[last]!.length + item.length + 4 > WIDTH) lines.push(item);
    else lines[last] += lines[last] === '' ? item : `, ${item}`;
  }
  return `[\n${lines.map((line) => `${indent}  ${line}`).join(',\n')}\n${indent}]`;
}
