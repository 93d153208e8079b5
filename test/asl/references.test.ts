import { parse } from '../../lib/asl/jsonata';
import { referencesOf } from '../../lib/asl/references';

function references(expression: string) {
  const parsed = parse(expression);
  if ('error' in parsed) throw new Error(parsed.error);
  const { variables, states, unrooted } = referencesOf(parsed.ast);
  return { variables: [...variables].sort(), states: [...states], unrooted: [...unrooted] };
}

test.each([
  ['$dataset.manifest', ['dataset']],
  ['$a + $b', ['a', 'b']],
  ["'x' & $a ? $b : -$c", ['a', 'b', 'c']],
  ['[1..$n]', ['n']],
  ["{'k': $a, $b: 1}", ['a', 'b']],
  ['$f($a)', ['f', 'a']],
  ['$x[0].$y', ['x', 'y']],
  ['$x[b = $y]', ['x', 'y']],
  ['$x^(<a, $b)', ['x', 'b']],
  ['$x{a: $sum($y)}', ['x', 'sum', 'y']],
  ['$x ~> $trim', ['x', 'trim']],
  ["$x ~> |a|{'b': $y}|", ['x', 'y']],
  ['$f(?, $a)', ['f', 'a']],
  ['$x = null', ['x']],
  ['$x.a.%.b[$y]', ['x', 'y']],
])('%s reads %j', (expression, variables) => {
  expect(references(expression).variables).toEqual([...variables].sort());
});

test.each([
  ['($a := 1; $a + $b)', ['b']],
  ['($a := $a; 1)', ['a']],
  ['(($a := 1); $a)', ['a']],
  ['function($v, $i) { $v + $i + $x }', ['x']],
  ['($f := function($n) { $n = 0 ? 1 : $f($n - 1) }; $f(3))', []],
  ['$x@$v.a[$v.b = 1]#$i.($i)', ['x']],
  ['$x@$v.a{$v.k: 1}', ['x']],
  ['$v + $x@$v.a', ['v', 'x']],
  ['$x#$i[$i = 1]#$j.($i + $j + $k)', ['k', 'x']],
])('%s reads %j beside what it binds itself', (expression, variables) => {
  expect(references(expression).variables).toEqual(variables);
});

test.each([
  ['$states.input.a & $states.context.Execution.Id', ['input', 'context']],
  ['$map($states.result.x, function($r) { $states.errorOutput })', ['result', 'errorOutput']],
  ['$states', []],
  ['$states[a = 1]', []],
  ['$states.*', []],
  ['states.input.a', []],
])('%s reads %j of $states', (expression, states) => {
  expect(references(expression).states).toEqual(states);
});

test.each([
  ['dataset.manifest', ['dataset']],
  ['$', ['$']],
  ['$$.a', ['$$']],
  ['$x.($$.a)', ['$$']],
  ['*', ['*']],
  ['**', ['**']],
  ['$map($x, function($v) { name })', ['name']],
  ["{'k': value}", ['value']],
])('%s has nothing to take %j from', (expression, unrooted) => {
  expect(references(expression).unrooted).toEqual(unrooted);
});

test.each([
  '$x.a.b',
  '$x[a = 1]',
  '$f($x)[a = 1]',
  '[$x, 1][a = 1]',
  '$x^(a)',
  '$x{a: b}',
  '$x.(a + $)',
  '$x.{"k": a}',
  '$x.a.%.b',
  '$x[$ > 1]',
  '$x.*',
  "$x ~> |a|{'b': c}, ['d']|",
])('%s takes its fields from $x', (expression) => {
  expect(references(expression).unrooted).toEqual([]);
});
