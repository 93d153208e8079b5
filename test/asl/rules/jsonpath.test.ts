import { broken, choice, distributed, machine, map, parallel, pass, succeed, task, wait } from '../support';

test('a machine in JSONata is in order, a bare Pass or Succeed and dollars in text included', () => {
  const asl = machine({
    A: task({ Arguments: { Sql: 'select $1', Price: '$5', Path: 's3://b/k', ScriptPath: 'x' }, Output: '{% $states.result %}' }),
    B: pass(),
    C: choice({ $x: 'D' }, 'D'),
    D: succeed(),
  });
  expect(broken('jsonpath', asl)).toEqual([]);
});

test('a machine without, or in another, query language is refused', () => {
  const { QueryLanguage, ...unset } = machine({ A: pass() });
  const message = "error : the machine's QueryLanguage is 'JSONPath'; set queryLanguage: QueryLanguage.JSONATA";
  expect(broken('jsonpath', unset)).toEqual([message]);
  expect(broken('jsonpath', { ...unset, QueryLanguage: 'JSONPath' })).toEqual([message]);
});

test('a state in JSONPath is refused, at every depth', () => {
  expect(broken('jsonpath', machine({ A: parallel([{ B: pass({ QueryLanguage: 'JSONPath' }) }]) }))).toEqual([
    "error B: pass 'B' has QueryLanguage 'JSONPath'; build it with its .jsonata() factory, and rewrite its paths as {% ... %}",
  ]);
});

test.each([
  'InputPath',
  'OutputPath',
  'ResultPath',
  'Parameters',
  'ResultSelector',
  'Result',
  'ItemsPath',
  'SecondsPath',
  'TimeoutSecondsPath',
  'ErrorPath',
  'MaxConcurrencyPath',
])('the field %s is refused', (field) => {
  expect(broken('jsonpath', machine({ A: task({ [field]: '$.x' }) }))).toEqual([
    expect.stringContaining(`error A: task 'A' has the JSONPath field ${field}; build it with its .jsonata() factory and use `),
  ]);
});

test.each([
  ['InputPath', 'Arguments or Output'],
  ['SecondsPath', 'Seconds with {% ... %}'],
])('instead of %s it says to use %s', (field, instead) => {
  expect(broken('jsonpath', machine({ A: task({ [field]: '$.x' }) }))).toEqual([
    expect.stringMatching(new RegExp(`and use ${instead.replace(/[{}.]/g, '\\$&')}$`)),
  ]);
});

test('fields of JSONPath in readers, batchers, writers and catchers are refused, once', () => {
  const asl = machine({
    A: distributed(
      { B: pass() },
      {
        ItemReader: { Parameters: { Key: '$.x' }, ReaderConfig: { MaxItemsPath: '$.n' } },
        ItemBatcher: { MaxItemsPerBatchPath: '$.n' },
        ResultWriter: { Parameters: {} },
        Catch: [{ ErrorEquals: ['X'], ResultPath: '$.e', Next: 'C' }],
      },
    ),
    C: succeed(),
  });
  expect(broken('jsonpath', asl)).toEqual([
    expect.stringContaining('Parameters in ItemReader; use Arguments'),
    expect.stringContaining('MaxItemsPath in ItemReader.ReaderConfig; use its form without Path'),
    expect.stringContaining('MaxItemsPerBatchPath in ItemBatcher'),
    expect.stringContaining('Parameters in ResultWriter'),
    expect.stringContaining('ResultPath in Catch[0]'),
  ]);
});

test('in payloads, readers and catchers the text is what counts, not what the key is called', () => {
  const asl = machine({
    A: task({ Arguments: { Payload: { ScriptPath: '$.x' } }, Catch: [{ ErrorEquals: ['X'], Assign: { e: '$.x' }, Next: 'B' }] }),
    B: distributed({ C: pass() }, { ItemReader: { Arguments: { Key: '$.x' } } }),
  });
  expect(broken('jsonpath', asl)).toEqual([
    expect.stringContaining("'$.x' in Arguments.Payload.ScriptPath"),
    expect.stringContaining("'$.x' in Catch.0.Assign.e"),
    expect.stringContaining("'$.x' in ItemReader.Arguments.Key"),
  ]);
});

test('what is inside a Parallel or Map is told of the state that has it', () => {
  const wrong = (name: string) => ({ [name]: pass({ Output: { 'x.$': 'x' } }) });
  expect(broken('jsonpath', machine({ A: parallel([wrong('B')]), C: map(wrong('D')) }))).toEqual([
    expect.stringContaining('error B: '),
    expect.stringContaining('error D: '),
  ]);
});

test('a Choice in JSONPath is refused', () => {
  expect(
    broken('jsonpath', machine({ A: { Type: 'Choice', Choices: [{ Variable: '$.x', IsNull: true, Next: 'B' }], Default: 'B' }, B: succeed() })),
  ).toEqual(["error A: choice 'A' has a rule to 'B' without Condition; build it with Condition.jsonata('{% ... %}')"]);
});

test.each(['$.x', '$$.Execution.Id', '$', '$$', "$['x']", "States.Format('{}', 1)"])(
  'the text %s is refused, because JSONata takes it as it is',
  (text) => {
    expect(broken('jsonpath', machine({ A: task({ Arguments: { Payload: [{ deep: text }] } }) }))).toEqual([
      `error A: task 'A' has the text '${text}' in Arguments.Payload.0.deep, which JSONata does not evaluate; write {% $states.input... %}, or {% '${text}' %} if it is meant as text`,
    ]);
    expect(broken('jsonpath', machine({ A: wait({ Timestamp: text }), B: map({ C: pass({ Output: text }) }) }))).toHaveLength(2);
  },
);

test("keys that end in '.$' are refused", () => {
  expect(broken('jsonpath', machine({ A: task({ Arguments: { Payload: { 'x.$': 'x' } } }) }))).toEqual([
    "error A: task 'A' has the key Arguments.Payload.x.$, whose '.$' means nothing in JSONata; drop it and write the value as {% ... %}",
  ]);
});
