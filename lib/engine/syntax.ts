/** A node of jsonata's syntax tree, as its parser leaves it. */
export interface Ast {
  readonly type: string;
  readonly value?: unknown;
  readonly position?: number;
  readonly [member: string]: unknown;
}

/** What an expression has that came after JSONata 2.0.6, which the service runs; undefined if it has nothing newer. */
export function newerSyntax(ast: Ast): string | undefined {
  return isNewer(ast) ? "the operators '?:' and '??' came after JSONata 2.0.6, which Step Functions runs; write '? :'" : undefined;
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

/** The nodes directly below a node. */
export function children(node: Ast): Ast[] {
  return Object.values(node).flatMap(nodesIn);
}

function nodesIn(value: unknown): Ast[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  if (typeof value !== 'object' || value === null) return [];
  return isNode(value) ? [value] : Object.values(value).flatMap(nodesIn);
}

function isNode(value: object): value is Ast {
  return typeof (value as { type?: unknown }).type === 'string';
}
