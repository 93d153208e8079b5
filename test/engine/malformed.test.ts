import { malformed, unsupported } from '../../lib/engine';
import { machine, pass, program, task } from './support';

const end = { B: pass() };
const choice = (Choices: unknown) => ({ Type: 'Choice', Choices });

test.each([
  ['States', { StartAt: 'A', States: [] }, "state machine: 'States' is [], but must be an object"],
  ['no States', { StartAt: 'A' }, "state machine: 'States' is undefined, but must be an object"],
  ['a state', machine({ A: null as never }), "state 'A': is null, but must be an object"],
  ['End', machine({ A: { Type: 'Pass', End: 'yes' } }), "state 'A': 'End' is \"yes\", but must be true or false"],
  ['Retry', machine({ A: task({ Retry: {} }) }), "state 'A': 'Retry' is {}, but must be an array of objects"],
  ['a retrier', machine({ A: task({ Retry: [null] }) }), "state 'A': 'Retry' is [null], but must be an array of objects"],
  ['Catch', machine({ A: task({ Catch: 'B' }), ...end }), "state 'A': 'Catch' is \"B\", but must be an array of objects"],
  [
    'ErrorEquals',
    machine({ A: task({ Retry: [{ ErrorEquals: 'X' }] }) }),
    "state 'A': Retry[0]: 'ErrorEquals' is \"X\", but must be an array of strings",
  ],
  ['an empty ErrorEquals', machine({ A: task({ Retry: [{ ErrorEquals: [] }] }) }), "Retry[0]: 'ErrorEquals' is [], but must be an array of strings"],
  [
    'MaxAttempts',
    machine({ A: task({ Retry: [{ ErrorEquals: ['X'], MaxAttempts: '2' }] }) }),
    'Retry[0]: \'MaxAttempts\' is "2", but must be a number',
  ],
  ['BackoffRate', machine({ A: task({ Retry: [{ ErrorEquals: ['X'], BackoffRate: -1 }] }) }), "Retry[0]: 'BackoffRate' is -1, but must be a number"],
  ['Choices', machine({ A: choice({}), ...end }), "state 'A': 'Choices' is {}, but must be an array of objects"],
  [
    'Assign of a rule',
    machine({ A: choice([{ Condition: true, Next: 'B', Assign: 1 }]), ...end }),
    "state 'A': Choices[0]: 'Assign' is 1, but must be an object",
  ],
  ['Branches', machine({ A: { Type: 'Parallel', Branches: 5, End: true } }), "state 'A': 'Branches' is 5, but must be an array of objects"],
  [
    'a state in a branch',
    machine({ A: { Type: 'Parallel', Branches: [program({ B: [] as never })], End: true } }),
    "state 'B': is [], but must be an object",
  ],
  ['ItemProcessor', machine({ A: { Type: 'Map', ItemProcessor: [], End: true } }), "state 'A': 'ItemProcessor' is [], but must be an object"],
  ['States of a processor', machine({ A: { Type: 'Map', ItemProcessor: {}, End: true } }), "state 'A': ItemProcessor: 'States' is undefined"],
  [
    'ProcessorConfig',
    machine({ A: { Type: 'Map', ItemProcessor: { ...program(end), ProcessorConfig: null }, End: true } }),
    "state 'A': ItemProcessor: 'ProcessorConfig' is null, but must be an object",
  ],
  [
    'ReaderConfig',
    machine({ A: { Type: 'Map', ItemReader: { ReaderConfig: [] }, ItemProcessor: program(end), End: true } }),
    "state 'A': ItemReader: 'ReaderConfig' is [], but must be an object",
  ],
  [
    'WriterConfig',
    machine({ A: { Type: 'Map', ResultWriter: { WriterConfig: 1 }, ItemProcessor: program(end), End: true } }),
    "state 'A': ResultWriter: 'WriterConfig' is 1, but must be an object",
  ],
  [
    'Items',
    machine({ A: { Type: 'Map', Items: 'all', ItemProcessor: program(end), End: true } }),
    '\'Items\' is "all", but must be an array or an expression',
  ],
  ['TimeoutSeconds', machine({ A: task({ TimeoutSeconds: 'x' }) }), "state 'A': 'TimeoutSeconds' is \"x\", but must be a number or an expression"],
  [
    'TimeoutSeconds of the machine',
    machine(end, { TimeoutSeconds: '{% 1 %}' }),
    'state machine: \'TimeoutSeconds\' is "{% 1 %}", but must be a number',
  ],
])('%s of the wrong type is told, and nothing else breaks over it', (_, definition, says) => {
  expect(malformed(definition)).toEqual([expect.stringContaining(says)]);
  expect(unsupported(definition)).toEqual(malformed(definition));
});

test('everything of the wrong type is told at once', () => {
  const definition = machine({
    A: task({ Retry: 1, Catch: 2 }),
    B: { Type: 'Parallel', Branches: [program({ C: { Type: 'Wait', Seconds: 'x' } }), {}] },
  });
  expect(malformed(definition)).toEqual([
    "state 'A': 'Retry' is 1, but must be an array of objects",
    "state 'A': 'Catch' is 2, but must be an array of objects",
    "state 'C': 'Seconds' is \"x\", but must be a number or an expression",
    "state 'B': Branches[1]: 'States' is undefined, but must be an object",
  ]);
});

test('numbers and lists may be expressions', () => {
  const fields = { Items: '{% [1] %}', MaxConcurrency: '{% 1 %}', ToleratedFailureCount: 0, ItemProcessor: program(end) };
  const wait = { Type: 'Wait', Seconds: '{% 1 %}', Next: 'A' };
  expect(
    malformed(machine({ W: wait, A: { Type: 'Map', ...fields, Next: 'T' }, T: task({ TimeoutSeconds: 1, HeartbeatSeconds: '{% 2 %}' }) })),
  ).toEqual([]);
});
