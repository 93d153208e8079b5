import { parse } from '../jsonata';
import { expressionIn, stringsOf } from '../strings';
import { named, type Rule } from './rule';

/** Every `{% ... %}` parses, and whatever looks like one is one. */
export const jsonataSyntax: Rule = {
  id: 'jsonata-syntax',
  find: ({ visits }) =>
    visits.flatMap((visit) =>
      stringsOf(visit.state).flatMap(({ text, at }) => {
        const problem = problemOf(text);
        return problem ? [{ visit, message: `${named(visit)}: ${at.join('.')} ${problem}` }] : [];
      }),
    ),
};

function problemOf(text: string): string | undefined {
  const expression = expressionIn(text);
  if (expression !== undefined) {
    const parsed = parse(expression);
    return 'error' in parsed ? `is not valid JSONata: ${parsed.error}` : undefined;
  }
  return text.includes('{%') && text.includes('%}')
    ? "has {% %} inside text, which is not evaluated; the whole string must be one expression: {% 'text ' & $value %}, nothing before or after"
    : undefined;
}
