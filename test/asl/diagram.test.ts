import { mermaidOf } from '../../lib/asl/diagram';

const definition = {
  StartAt: 'Begin: "it"',
  States: {
    'Begin: "it"': { Type: 'Pass', Next: 'Which?' },
    'Which?': { Type: 'Choice', Choices: [{ Condition: "{% $states.input.a = 'x: y; #1 %% z' %}", Next: 'Both' }], Default: 'Each' },
    Both: {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'Left', States: { Left: { Type: 'Pass', End: true } } },
        { StartAt: 'Right', States: { Right: { Type: 'Pass', End: true } } },
      ],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Failed' }],
      Next: 'Each',
    },
    Each: { Type: 'Map', ItemProcessor: { StartAt: 'One', States: { One: { Type: 'Task', End: true } } }, Next: 'Done' },
    Failed: { Type: 'Fail' },
    Done: { Type: 'Succeed' },
  },
};

test('a definition is drawn with what is inside, side by side if it runs so, and every way with why', () => {
  expect(mermaidOf(definition).split('\n')).toEqual([
    'stateDiagram-v2',
    `  state "Begin: 'it'" as s1`,
    '  state "Which?" as s2',
    '  state "Both" as s3 {',
    '    state "Left" as s7',
    '    [*] --> s7',
    '    s7 --> [*]',
    '    --',
    '    state "Right" as s8',
    '    [*] --> s8',
    '    s8 --> [*]',
    '  }',
    '  state "Each" as s4 {',
    '    state "One" as s9',
    '    [*] --> s9',
    '    s9 --> [*]',
    '  }',
    '  state "Failed" as s5',
    '  state "Done" as s6',
    '  [*] --> s1',
    '  s1 --> s2',
    "  s2 --> s3 : $states.input.a = 'x#58; y#59; #35;1 #37;% z'",
    '  s2 --> s4 : otherwise',
    '  s3 --> s4',
    '  s3 --> s5 : error',
    '  s4 --> s6',
    '  s6 --> [*]',
  ]);
});

test('what a run made of it is marked', () => {
  const lines = mermaidOf(definition, [
    { name: 'Which?', attempts: 1, failed: false },
    { name: 'One', attempts: 3, failed: false },
    { name: 'Both', attempts: 2, failed: true },
    { name: 'of another machine', attempts: 1, failed: false },
  ]).split('\n');
  expect(lines).toContain('  state "Both (2 tries) FAILED" as s3 {');
  expect(lines).toContain('    state "One (3 tries)" as s9');
  expect(lines.slice(-3)).toEqual(['  class s2 done', '  class s9 retried', '  class s3 failed']);
});

test('a long condition is cut', () => {
  const long = { StartAt: 'A', States: { A: { Type: 'Choice', Choices: [{ Condition: `{% ${'x'.repeat(100)} %}`, Next: 'A' }] } } };
  expect(mermaidOf(long)).toContain(`s1 --> s1 : ${'x'.repeat(59)}…\n`.trimEnd());
});
