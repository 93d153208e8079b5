import { unsupported } from '../../lib/engine';
import { machine, pass, program, run, task } from './support';

function distributed(fields: Record<string, unknown>, config: object = { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }): Record<string, unknown> {
  return { Type: 'Map', End: true, ItemProcessor: { ProcessorConfig: config, ...program({ B: pass() }) }, ...fields };
}

describe('a definition the engine cannot run', () => {
  test.each([
    ['a JSONPath field', { A: pass({ InputPath: '$.x' }) }, ["state 'A': field 'InputPath' is not implemented"]],
    ['an unknown field', { A: task({ Rety: [] }) }, ["state 'A': field 'Rety' is not implemented"]],
    ['an unknown type', { A: { Type: 'Loop' } }, ["state 'A': type 'Loop' is not implemented"]],
    ['a missing field', { A: { Type: 'Task', End: true } }, ["state 'A': field 'Resource' is missing"]],
    [
      'an activity',
      { A: task({ Resource: 'arn:aws:states:us-east-1:123456789012:activity:x' }) },
      [/^state 'A': activity ".*:activity:x" is not implemented; wait for a task token instead/],
    ],
    ['an unresolved resource', { A: task({ Resource: { 'Fn::GetAtt': ['F', 'Arn'] } }) }, [/^state 'A': resource .* is not implemented/]],
    ['Next that leads nowhere', { A: pass({ Next: 'B' }) }, ["state 'A': 'Next' names \"B\", which is not a state beside it"]],
    ['neither Next nor End', { A: { Type: 'Pass' } }, ["state 'A': field 'Next' is missing"]],
    ['both Next and End', { A: { Type: 'Pass', Next: 'A', End: true } }, ["state 'A': has both 'Next' and 'End'"]],
    ['Wait without a time', { A: { Type: 'Wait', End: true } }, ["state 'A': must have either 'Seconds' or 'Timestamp'"]],
    ['Wait with two times', { A: { Type: 'Wait', Seconds: 1, Timestamp: 'x', End: true } }, [/must have either/]],
    [
      'a choice rule of JSONPath',
      { A: { Type: 'Choice', Choices: [{ Variable: '$.x', IsNull: true, Next: 'A' }] } },
      [
        "state 'A': Choices[0]: field 'Variable' is not implemented",
        "state 'A': Choices[0]: field 'IsNull' is not implemented",
        "state 'A': Choices[0]: field 'Condition' is missing",
      ],
    ],
    [
      'a Default that leads nowhere',
      { A: { Type: 'Choice', Choices: [], Default: 'B' } },
      ["state 'A': 'Default' names \"B\", which is not a state beside it"],
    ],
    [
      'a catcher with ResultPath',
      { A: task({ Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.e', Next: 'B' }] }) },
      ["state 'A': Catch[0]: field 'ResultPath' is not implemented", "state 'A': Catch[0]: 'Next' names \"B\", which is not a state beside it"],
    ],
    [
      'an unknown field of a retrier',
      { A: task({ Retry: [{ ErrorEquals: ['X'], MaxAttempt: 2 }] }) },
      ["state 'A': Retry[0]: field 'MaxAttempt' is not implemented"],
    ],
    [
      'an unknown mode of a Map',
      { A: distributed({}, { Mode: 'WIDE' }) },
      ['state \'A\': ItemProcessor: mode "WIDE" is not implemented; INLINE and DISTRIBUTED are'],
    ],
    [
      'fields of a Distributed Map on an inline one',
      { A: distributed({ ItemBatcher: { MaxItemsPerBatch: 1 }, Label: 'x' }, {}) },
      [
        'state \'A\': field \'ItemBatcher\' needs a ProcessorConfig with "Mode": "DISTRIBUTED"',
        'state \'A\': field \'Label\' needs a ProcessorConfig with "Mode": "DISTRIBUTED"',
      ],
    ],
    [
      'a Distributed Map that reads and writes S3 where there is none',
      {
        A: distributed({
          ItemReader: { Resource: 'arn:aws:states:::s3:listObjectsV2', Arguments: { Bucket: 'b' } },
          ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Arguments: { Bucket: 'b' } },
        }),
      },
      [
        "state 'A': field 'ItemReader' needs an S3; give the execution one with the option 's3'",
        "state 'A': field 'ResultWriter' needs an S3; give the execution one with the option 's3'",
      ],
    ],
    [
      'operators that the service does not know',
      { A: pass({ Output: '{% $states.input.a ?? 1 %}' }) },
      [/^state 'A': 'Output' is not valid JSONata: .*JSONata 2.0.6/],
    ],
    ['expressions that do not parse', { A: pass({ Output: { a: ['{% 1 + %}'] } }) }, [/^state 'A': 'Output\/a\[0\]' is not valid JSONata: /]],
    ['a state that is none', { A: 1 }, ["state 'A': is 1, but must be an object"]],
  ])('%s is refused by name', (_what, states, problems) => {
    const found = unsupported(machine(states as Record<string, Record<string, unknown>>));
    expect(found).toEqual(problems.map((problem) => (typeof problem === 'string' ? problem : expect.stringMatching(problem))));
  });

  test('what is wrong inside Parallel and Map is found at every depth', () => {
    const bad = program({ Deep: pass({ ResultPath: '$' }) });
    const definition = machine({
      Both: {
        Type: 'Parallel',
        End: true,
        Branches: [program({ Each: { Type: 'Map', End: true, ItemProcessor: bad } }), { ...program({ X: pass() }), StartAt: 'Y' }],
      },
    });
    expect(unsupported(definition)).toEqual([
      "state 'Deep': field 'ResultPath' is not implemented",
      "state 'Both': Branches[1]: 'StartAt' names \"Y\", which is not a state beside it",
    ]);
  });

  test('JSONPath is refused with what to do', () => {
    const definition = { StartAt: 'A', States: { A: { Type: 'Pass', Result: 1, Next: 'B' }, B: task() } };
    expect(unsupported(definition)).toEqual([
      "state 'A': field 'Result' is not implemented without JSONata",
      `state 'A': JSONPath is not implemented; set "QueryLanguage": "JSONata"`,
      `state 'B': JSONPath is not implemented; set "QueryLanguage": "JSONata"`,
    ]);
    expect(unsupported({ ...machine({ A: pass({ QueryLanguage: 'JSONPath', Parameters: {} }) }) })).toHaveLength(2);
  });

  test('states that query nothing still have to lead somewhere', () => {
    expect(unsupported({ StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' } } })).toEqual([
      "state 'A': 'Next' names \"B\", which is not a state beside it",
    ]);
  });

  test('states that query nothing run in either language', async () => {
    const States = { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Wait', Seconds: 1, Next: 'C' }, C: { Type: 'Succeed' } };
    expect((await run({ StartAt: 'A', States }, { input: 1 })).output).toBe(1);
  });

  test('all of it is told at once, before the first state runs', async () => {
    const tasks = jest.fn();
    const definition = machine({ A: task({ Next: 'B' }), B: pass({ InputPath: '$' }), C: pass({ Parameters: {} }) }, { Wings: 2 });
    const refused = run(definition, { tasks });
    await expect(refused).rejects.toMatchObject({
      name: 'UnsupportedDefinitionError',
      problems: [
        "state machine: field 'Wings' is not implemented",
        "state 'B': field 'InputPath' is not implemented",
        "state 'C': field 'Parameters' is not implemented",
      ],
    });
    await expect(refused).rejects.toThrow(/cannot run in the local engine:\n- state machine: field 'Wings'/);
    expect(tasks).not.toHaveBeenCalled();
  });

  test.each([
    [{}, "state machine: 'States' is undefined, but must be an object"],
    [{ States: {}, QueryLanguage: 'JSONata' }, "state machine: field 'StartAt' is missing"],
  ])('%j is no state machine', (definition, problem) => {
    expect(unsupported(definition)).toEqual([problem]);
  });

  test('a definition that it can run has no problems', () => {
    const Retry = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, BackoffRate: 2, MaxAttempts: 2, MaxDelaySeconds: 9, JitterStrategy: 'FULL' }];
    const Catch = [{ ErrorEquals: ['States.ALL'], Assign: { a: 1 }, Output: 1, Next: 'C' }];
    const definition = machine(
      {
        A: task({ Comment: '{% not looked at', Arguments: {}, TimeoutSeconds: 1, HeartbeatSeconds: 1, Credentials: {}, Retry, Catch, Next: 'B' }),
        B: { Type: 'Map', Items: [], ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, ...program({ D: pass() }) }, Retry, Catch, Next: 'C' },
        C: { Type: 'Succeed' },
      },
      { Comment: '', Version: '1.0', TimeoutSeconds: 5 },
    );
    expect(unsupported(definition)).toEqual([]);
  });
});
