import { type Ast, children } from '../engine/syntax';

/** What an expression takes from outside itself. */
export interface References {
  /** Variables it reads, functions that it calls by name included. */
  readonly variables: ReadonlySet<string>;
  /** Members of `$states` that it reads: `input`, `result`, `errorOutput`, `context`. */
  readonly states: ReadonlySet<string>;
  /** Field names, `$` and `$$` that stand where there is nothing to take them from: the service gives an expression no input of its own. */
  readonly unrooted: ReadonlySet<string>;
}

/** Finds what an expression takes from outside itself; what it binds itself (`:=`, function parameters, `@$v`, `#$i`) is not that. */
export function referencesOf(ast: Ast): References {
  const found = { variables: new Set<string>(), states: new Set<string>(), unrooted: new Set<string>() };
  visit(ast, new Set(), false, found);
  return found;
}

interface Found {
  readonly variables: Set<string>;
  readonly states: Set<string>;
  readonly unrooted: Set<string>;
}

/** `bound` are the names bound so far, `rooted` says whether `$` and field names have something to be taken from. */
function visit(node: Ast, bound: Set<string>, rooted: boolean, found: Found): void {
  switch (node.type) {
    case 'variable':
      visitVariable(node.value as string, bound, rooted, found);
      break;
    case 'name':
    case 'wildcard':
    case 'descendant':
      if (!rooted) found.unrooted.add(String(node.value));
      break;
    case 'path':
      visitPath(node, bound, rooted, found);
      break;
    case 'block':
      visitAll(node.expressions as Ast[], new Set(bound), rooted, found);
      break;
    case 'bind':
      visitBind(node, bound, rooted, found);
      break;
    case 'lambda':
      visit(node.body as Ast, new Set([...bound, ...(node.arguments as Ast[]).map(({ value }) => value as string)]), rooted, found);
      break;
    case 'transform':
      visitAll(children(node), bound, true, found);
      break;
    default:
      visitAll(plainChildren(node), bound, rooted, found);
  }
  visitDecorations(node, bound, found);
}

function visitAll(nodes: readonly Ast[], bound: Set<string>, rooted: boolean, found: Found): void {
  for (const node of nodes) visit(node, bound, rooted, found);
}

function visitBind(node: Ast, bound: Set<string>, rooted: boolean, found: Found): void {
  const name = (node.lhs as Ast).value as string;
  const value = node.rhs as Ast;
  // A function may call itself by the name it is bound to.
  visit(value, value.type === 'lambda' ? new Set([...bound, name]) : bound, rooted, found);
  bound.add(name);
}

function visitVariable(name: string, bound: ReadonlySet<string>, rooted: boolean, found: Found): void {
  if (name === '') {
    if (!rooted) found.unrooted.add('$');
  } else if (name === '$') {
    found.unrooted.add('$$');
  } else if (!bound.has(name)) {
    found.variables.add(name);
  }
}

/** The first step of a path is taken from what is around it, the others from the step before. */
function visitPath(path: Ast, bound: ReadonlySet<string>, rooted: boolean, found: Found): void {
  const [first, second] = path.steps as Ast[];
  if (first!.type === 'variable' && first!.value === 'states' && second?.type === 'name') found.states.add(second.value as string);
  const inside = new Set(bound);
  (path.steps as Ast[]).forEach((step, index) => {
    for (const name of namesOf(step)) inside.add(name);
    visit(step, inside, rooted || index > 0, found);
  });
}

/** The variables that a step binds to each value (`@$v`) and its place (`#$i`). */
function namesOf(step: Ast): string[] {
  const stages = (nodesAt(step, 'stages') ?? []).map(({ value }) => value);
  return [step.focus, step.index, ...stages].filter((name) => typeof name === 'string');
}

function nodesAt(node: Ast, member: string): Ast[] | undefined {
  return node[member] as Ast[] | undefined;
}

const DECORATIONS = ['predicate', 'stages', 'group'] as const;

/** Filters, stages and grouping are evaluated on each value of the node they hang on. */
function visitDecorations(node: Ast, bound: ReadonlySet<string>, found: Found): void {
  const inside = new Set([...bound, ...(nodesAt(node, 'steps') ?? [node]).flatMap(namesOf)]);
  for (const decoration of DECORATIONS) {
    for (const child of children({ type: decoration, value: node[decoration] })) visit(child, inside, true, found);
  }
}

function plainChildren(node: Ast): Ast[] {
  const undecorated = Object.fromEntries(Object.entries(node).filter(([member]) => !DECORATIONS.some((decoration) => decoration === member)));
  return children(undecorated as Ast);
}
