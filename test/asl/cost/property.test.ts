import * as fc from 'fast-check';
import { countRun } from '../../../lib/asl/cost/count';
import { observed } from '../../../lib/asl/cost/observed';
import { TaskError } from '../../../lib/engine';
import { run } from '../../engine/support';

/** A machine of small pieces one after the other, and what its tasks do. */
type Fields = Record<string, unknown>;
type Piece = (prefix: string) => Record<string, Fields>;

const RETRY = { Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 2, IntervalSeconds: 1 }] };

const leaf = fc.oneof(
  fc.constant<Piece>((name) => ({ [name]: { Type: 'Pass' } })),
  fc.constant<Piece>((name) => ({ [name]: { Type: 'Wait', Seconds: 3 } })),
  fc
    .tuple(fc.constantFrom('lambda:invoke', 'glue:startJobRun.sync', 'aws-sdk:s3:getObject'), fc.nat(3))
    .map<Piece>(([resource, failures]) => (name) => ({
      [name]: { Type: 'Task', Resource: `arn:aws:states:::${resource}`, Arguments: { failures }, ...RETRY },
    })),
);

const choice = fc.tuple(fc.boolean(), leaf).map<Piece>(([skips, inner]) => (name) => ({
  [name]: { Type: 'Choice', Choices: [{ Condition: skips, Next: `${name} after` }], Default: `${name} in` },
  ...inner(`${name} in`),
  [`${name} after`]: { Type: 'Pass' },
}));

const loop = fc.tuple(fc.integer({ min: 1, max: 6 }), leaf).map<Piece>(([times, inner]) => (name) => ({
  [name]: { Type: 'Pass', Assign: { [`n_${variable(name)}`]: 0 } },
  ...inner(`${name} in`),
  [`${name} count`]: { Type: 'Pass', Assign: { [`n_${variable(name)}`]: `{% $n_${variable(name)} + 1 %}` } },
  [`${name} more`]: {
    Type: 'Choice',
    Choices: [{ Condition: `{% $n_${variable(name)} < ${times} %}`, Next: `${name} in` }],
    Default: `${name} after`,
  },
  [`${name} after`]: { Type: 'Pass' },
}));

const { program } = fc.letrec<{ piece: Piece; program: Piece }>((tie) => ({
  program: fc
    .array(tie('piece'), { minLength: 1, maxLength: 3 })
    .map((pieces) => (prefix) => Object.assign({}, ...pieces.map((piece, index) => piece(`${prefix}.${index}`)))),
  piece: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    choice,
    loop,
    fc.tuple(tie('program'), tie('program'), fc.boolean()).map<Piece>(([one, other, retries]) => (name) => ({
      [name]: { Type: 'Parallel', Branches: [inOrder(one(`${name}a`)), inOrder(other(`${name}b`))], ...(retries && RETRY) },
    })),
    fc
      .tuple(tie('program'), fc.nat(4), fc.constantFrom('INLINE', 'STANDARD'), fc.boolean())
      .map<Piece>(([inner, items, kind, retries]) => (name) => ({
        [name]: {
          Type: 'Map',
          ...(retries && RETRY),
          Items: Array.from({ length: items }, (_, index) => index),
          ItemProcessor: {
            ...inOrder(inner(`${name}i`)),
            ProcessorConfig: kind === 'INLINE' ? { Mode: 'INLINE' } : { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          },
        },
      })),
  ),
}));

function variable(name: string): string {
  return name.replaceAll('.', '_');
}

/** States that follow each other where they do not say where to go. */
function inOrder(states: Record<string, Fields>): Fields {
  const names = Object.keys(states);
  const joined = names.map((name, index) => {
    const state = states[name]!;
    if (state.Type === 'Choice') return [name, state];
    return [name, { ...state, ...(index === names.length - 1 ? { End: true } : { Next: names[index + 1] }) }];
  });
  return { StartAt: names[0], States: Object.fromEntries(joined) };
}

/** Each visit of a task fails as often as its arguments say; three failures are one too many. */
const tasks = async ({ attempt, arguments: args }: { attempt: number; arguments: unknown }) => {
  if (attempt < (args as { failures: number }).failures) throw new TaskError('Boom', 'as often as asked');
  return {};
};

function failing(states: Fields): boolean {
  return JSON.stringify(states).includes('"failures":3');
}

const machines = program.map((states) => ({ QueryLanguage: 'JSONata', ...inOrder(states('S')) }));

test('what the history of any machine tells gives the transitions that the engine counts', async () => {
  await fc.assert(
    fc.asyncProperty(machines, async (definition) => {
      // A child's transitions are in its own history.
      fc.pre(!JSON.stringify(definition).includes('"DISTRIBUTED"'));
      const { transitions, history, status } = await run(definition, { tasks });
      const counted = countRun(definition, observed(history), 'expected');
      expect(counted.transitions).toBe(transitions);
      if (status === 'SUCCEEDED') expect(counted.events).toBe(history.length);
    }),
    { numRuns: 60 },
  );
}, 60_000);

test('without its history, too, where nothing fails: choices, counted loops, items and child executions stand in the definition', async () => {
  await fc.assert(
    fc.asyncProperty(machines, async (definition) => {
      const { transitions, history, status } = await run(definition);
      expect(status).toBe('SUCCEEDED');
      const counted = countRun(definition, {}, 'expected');
      expect({ transitions: counted.transitions, events: counted.events }).toEqual({ transitions, events: history.length });
      expect(counted.assumed).toEqual([]);
    }),
    { numRuns: 60 },
  );
}, 60_000);

test('no run of any machine goes beyond the worst', async () => {
  await fc.assert(
    fc.asyncProperty(machines, async (definition) => {
      const { transitions } = await run(definition, { tasks });
      expect(countRun(definition, {}, 'worst').transitions).toBeGreaterThanOrEqual(transitions);
      if (!failing(definition)) expect(countRun(definition, {}, 'best').transitions).toBeLessThanOrEqual(transitions);
    }),
    { numRuns: 60 },
  );
}, 60_000);
