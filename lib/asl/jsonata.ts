import jsonata from 'jsonata';
import { type Ast, newerSyntax } from '../engine/syntax';

export type Parsed = { readonly ast: Ast } | { readonly error: string };

/** Parses an expression with the parser that evaluates it locally. */
export function parse(expression: string): Parsed {
  try {
    const ast = jsonata(expression).ast() as unknown as Ast;
    const error = newerSyntax(ast);
    return error === undefined ? { ast } : { error };
  } catch (thrown) {
    const { message, position } = thrown as { message: string; position?: number };
    return { error: position === undefined ? message : `${message} (at character ${position})` };
  }
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
