import { assign, broken, catching, choice, distributed, machine, map, parallel, pass, succeed, task, wait } from '../support';

const reads = (...names: string[]) => pass({ Output: `{% [${names.map((name) => `$${name}`)}] %}` });
const way = (state: string, variable: string, path: string) =>
  expect.stringContaining(
    `error ${state}: pass '${state}': Output reads '$${variable}', which is not assigned on the way ${path}; assign it on every way`,
  );

describe('a variable', () => {
  test('that was assigned before is in order', () => {
    expect(broken('variables', machine({ A: assign('x'), B: wait(), C: reads('x') }))).toEqual([]);
  });

  test('that no state assigns is refused', () => {
    expect(broken('variables', machine({ A: reads('x') }))).toEqual([
      expect.stringContaining("reads '$x', which no state before assigns, and which is no function"),
    ]);
  });

  test('is seen by the states after the one that assigns it, not by that one', () => {
    expect(broken('variables', machine({ A: pass({ Assign: { x: 1 }, Output: '{% $x %}' }) }))).toEqual([way('A', 'x', 'A')]);
  });

  test('must be assigned on every way', () => {
    const asl = (otherwise: string) => machine({ A: choice({ '1 = 1': 'B' }, otherwise), B: assign('x'), C: reads('x') });
    expect(broken('variables', asl('B'))).toEqual([]);
    expect(broken('variables', asl('C'))).toEqual([way('C', 'x', 'A -> C')]);
  });

  test('may be assigned by each rule of a Choice, and by its default', () => {
    const asl = (own: Record<string, unknown>, rule: Record<string, unknown>) =>
      machine({ A: { Type: 'Choice', Choices: [{ Condition: true, Next: 'B', Assign: rule }], Default: 'B', Assign: own }, B: reads('x') });
    expect(broken('variables', asl({ x: 1 }, { x: 1 }))).toEqual([]);
    expect(broken('variables', asl({ x: 1 }, {}))).toEqual([way('B', 'x', 'A -> B')]);
    expect(broken('variables', asl({}, { x: 1 }))).toEqual([way('B', 'x', 'A -> B')]);
  });

  test('that a state assigns on success is not there when its error is caught', () => {
    const asl = (onError: Record<string, unknown>) =>
      machine({ A: task({ Assign: { x: 1 }, Catch: [{ ErrorEquals: ['E'], Assign: onError, Next: 'B' }] }), B: reads('x') });
    expect(broken('variables', asl({ x: 1 }))).toEqual([]);
    expect(broken('variables', asl({}))).toEqual([way('B', 'x', 'A -> B')]);
  });

  test('may be carried round a loop, once it was assigned before', () => {
    const loop = (first: string) =>
      machine({ A: assign(first), B: wait({ Seconds: '{% $delay %}' }), C: assign('delay'), D: choice({ '1 = 1': 'E' }, 'B'), E: succeed() });
    expect(broken('variables', loop('delay'))).toEqual([]);
    expect(broken('variables', loop('other'))).toEqual([expect.stringContaining('which is not assigned on the way A -> B;')]);
  });

  test('is looked for in every field that is evaluated', () => {
    const asl = machine({
      A: task({ Arguments: { a: ['{% $a %}'] }, TimeoutSeconds: '{% $b %}', Catch: [{ ErrorEquals: ['X'], Output: '{% $c %}', Next: 'C' }] }),
      B: { Type: 'Choice', Choices: [{ Condition: '{% $d %}', Next: 'C' }], Default: 'C' },
      C: map({ D: succeed() }, { Items: '{% $e %}', ItemSelector: { f: '{% $f %}' } }),
      E: { Type: 'Fail', Cause: '{% $g %}' },
    });
    expect(broken('variables', asl).map((message) => /reads '\$(.)'/.exec(message)?.[1])).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
  });
});

describe('inside a Parallel or Map', () => {
  test('the variables outside can be read', () => {
    expect(broken('variables', machine({ A: assign('x'), B: parallel([{ C: map({ D: reads('x') }) }]) }))).toEqual([]);
    expect(broken('variables', machine({ A: parallel([{ B: reads('x') }]), C: assign('x') }))).toEqual([
      expect.stringContaining('which is not assigned on the way B;'),
    ]);
  });

  test('they cannot be assigned', () => {
    expect(broken('variables', machine({ D: assign('x'), A: parallel([{ B: map({ C: assign('x') }) }]) }))).toEqual([
      "error C: pass 'C' assigns '$x', which pass 'D' outside assigns too; the service refuses that, so rename it",
    ]);
  });

  test('a name that is assigned outside only later is free', () => {
    expect(broken('variables', machine({ A: parallel([{ B: map({ C: assign('x') }) }]), D: assign('x') }))).toEqual([]);
  });

  test('what is assigned there stays there', () => {
    expect(broken('variables', machine({ A: parallel([{ B: assign('x'), C: reads('x') }, { D: reads('x') }]), E: reads('x') }))).toEqual([
      expect.stringContaining("error E: pass 'E': Output reads '$x', which no state before assigns"),
      expect.stringContaining("error D: pass 'D': Output reads '$x', which no state before assigns"),
    ]);
  });

  test('branches beside each other may use the same name', () => {
    expect(broken('variables', machine({ A: parallel([{ B: assign('x') }, { C: assign('x') }]) }))).toEqual([]);
  });

  test('children of a distributed Map see nothing, and may assign anything', () => {
    const asl = (child: object) => machine({ A: assign('x'), B: distributed({ C: child as never }, { ItemSelector: '{% $x %}' }) });
    expect(broken('variables', asl(assign('x')))).toEqual([]);
    expect(broken('variables', asl(reads('x')))).toEqual([
      expect.stringContaining(
        "reads '$x', which the children of a distributed Map cannot see; hand it in by ItemSelector of map 'B' and read it from $states.input",
      ),
    ]);
    expect(broken('variables', asl(parallel([{ D: reads('x') }])))).toHaveLength(1);
  });
});

describe('what is not a variable', () => {
  test('functions of JSONata and of Step Functions are in order, $eval and made-up ones are not', () => {
    expect(broken('variables', machine({ A: pass({ Output: '{% $string($uuid()) & $parse("1") & $sum([1]) %}' }) }))).toEqual([]);
    expect(broken('variables', machine({ A: pass({ Output: '{% $eval("1") %}' }) }))).toEqual([
      expect.stringContaining("calls '$eval', which Step Functions does not have; use $parse"),
    ]);
    expect(broken('variables', machine({ A: pass({ Output: '{% $concat("1") %}' }) }))).toEqual([expect.stringContaining("reads '$concat'")]);
  });

  test('$states cannot be assigned', () => {
    expect(broken('variables', machine({ A: assign('states') }))).toEqual(["error A: pass 'A' assigns '$states', which is reserved; rename it"]);
  });

  test('$states.result is there in Assign and Output of what has a result', () => {
    const asl = (fields: object) => machine({ A: task(fields) });
    expect(broken('variables', asl({ Assign: { x: '{% $states.result %}' }, Output: '{% $states.result %}' }))).toEqual([]);
    expect(broken('variables', asl({ Arguments: '{% $states.result %}' }))).toEqual([
      "error A: task 'A': Arguments reads '$states.result', which is not there; it can read $states.input, $states.context",
    ]);
    expect(
      broken(
        'variables',
        machine({
          A: parallel([{ B: pass() }], { Assign: { x: '{% $states.result %}' } }),
          C: map({ D: pass() }, { Output: '{% $states.result %}' }),
        }),
      ),
    ).toEqual([]);
    expect(broken('variables', machine({ A: pass({ Output: '{% $states.result %}' }) }))).toHaveLength(1);
  });

  test('$states.errorOutput is there in Catch only', () => {
    const asl = (fields: object) => machine({ A: task({ ...catching('B', 'X'), ...fields }), B: succeed() });
    expect(broken('variables', asl({ Catch: [{ ErrorEquals: ['X'], Output: '{% $states.errorOutput %}', Next: 'B' }] }))).toEqual([]);
    expect(broken('variables', asl({ Output: '{% $states.errorOutput %}' }))).toHaveLength(1);
    expect(broken('variables', asl({ Catch: [{ ErrorEquals: ['X'], Output: '{% $states.result %}', Next: 'B' }] }))).toHaveLength(1);
  });

  test('a field of nothing is refused', () => {
    expect(broken('variables', machine({ A: pass({ Output: '{% dataset.manifest %}' }) }))).toEqual([
      "error A: pass 'A': Output reads the field 'dataset' of nothing; write $dataset for a variable, $states.input.dataset for the input, or 'dataset' for text",
    ]);
    expect(broken('variables', machine({ A: pass({ Output: '{% $.a %}' }) }))).toEqual([expect.stringContaining("reads '$' where it means nothing")]);
  });
});

test('states that are never reached, and expressions that do not parse, are left to their own rules', () => {
  expect(broken('variables', machine({ A: succeed(), B: reads('x') }))).toEqual([]);
  expect(broken('variables', machine({ A: pass({ Output: '{% $x + %}' }) }))).toEqual([]);
});
