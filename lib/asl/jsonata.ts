import jsonata from 'jsonata';

/** A node of jsonata's syntax tree, as its parser leaves it. */
export interface Ast {
  readonly type: string;
  readonly value?: unknown;
  readonly position?: number;
  readonly [member: string]: unknown;
}

export type Parsed = { readonly ast: Ast } | { readonly error: string };

/** Parses an expression with the parser that evaluates it locally. */
export function parse(expression: string): Parsed {
  try {
    const ast = jsonata(expression).ast() as unknown as Ast;
    return isNewer(ast) ? { error: "the operators '?:' and '??' came after JSONata 2.0.6, which Step Functions runs; write '? :'" } : { ast };
  } catch (thrown) {
    const { message, position } = thrown as { message: string; position?: number };
    return { error: position === undefined ? message : `${message} (at character ${position})` };
  }
}

/** The parser turns `a ?: b` and `a ?? b` into conditions: one whose parts stand at the same place, or one that calls a `$exists` that stands nowhere. */
function isNewer(node: Ast): boolean {
  if (node.type === 'condition') {
    const [condition, then] = [node.condition, node.then] as [Ast, Ast];
    const coalesces = condition.type === 'function' && (condition.procedure as Ast).position === undefined;
    if (coalesces || JSON.stringify(condition) === JSON.stringify(then)) return true;
  }
  return children(node).some(isNewer);
}

/** Functions of JSONata 2.0.6 and those that Step Functions adds. `$eval` is not among them. */
export const FUNCTIONS: ReadonlySet<string> = new Set(
  [
    'abs append assert average base64decode base64encode boolean ceil clone contains count decodeUrl decodeUrlComponent distinct each encodeUrl',
    'encodeUrlComponent error exists filter floor formatBase formatInteger formatNumber fromMillis join keys length lookup lowercase map match max',
    'merge millis min not now number pad parseInteger power reduce replace reverse round shuffle sift single sort split spread sqrt string substring',
    'substringAfter substringBefore sum toMillis trim type uppercase zip partition range hash random uuid parse',
  ].flatMap((line) => line.split(' ')),
);

/** The nodes directly below a node. */
export function children(node: Ast): Ast[] {
  return Object.entries(node).flatMap(([member, value]) => (member === 'ancestor' || member === 'slot' ? [] : nodesIn(value)));
}

function nodesIn(value: unknown): Ast[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  if (typeof value !== 'object' || value === null) return [];
  return isNode(value) ? [value] : Object.values(value).flatMap(nodesIn);
}

function isNode(value: object): value is Ast {
  return typeof (value as { type?: unknown }).type === 'string';
}
