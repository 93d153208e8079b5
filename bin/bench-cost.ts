import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { type Assumptions, countRun } from '../lib/asl/cost';
import { aslOf, type SimulateOptions, simulate } from '../lib/testing';
import { EXAMPLES } from './examples';

// Validates templates, which takes longer than to synthesize them; the tests of the examples do.
process.env.CDK_VALIDATION ??= 'false';

/** State transitions: what the estimate says, and what the engine counts in a simulated run. */
interface Counted {
  readonly estimated: number;
  readonly counted: number;
}

const REFERENCE = 'orders-to-redshift';
const HALF_AN_HOUR = 1800;
/** What the examples call that no step of the library does. */
const handlers = {
  'dynamodb:putItem': () => ({}),
  Ask: () => ({ Item: { status: { S: 'DONE' }, rows: { N: '1000' } } }),
  Look: () => ({ Workgroup: { Status: 'AVAILABLE' } }),
  Compute: () => ({ StopCode: 'EssentialContainerExited' }),
  Record: () => ({}),
};

/** Seen by one look each 15 seconds. */
const NAIVE = {
  StartAt: 'Submit',
  States: {
    Submit: { Type: 'Task', Resource: 'arn:aws:states:::aws-sdk:redshiftdata:batchExecuteStatement', Next: 'Wait' },
    Wait: { Type: 'Wait', Seconds: 15, Next: 'Describe' },
    Describe: { Type: 'Task', Resource: 'arn:aws:states:::aws-sdk:redshiftdata:describeStatement', Next: 'Status' },
    Status: { Type: 'Choice', Choices: [{ Condition: "{% $states.input.Status = 'FINISHED' %}", Next: 'Done' }], Default: 'Wait' },
    Done: { Type: 'Succeed' },
  },
};

/** A simulated run with an extraction in one part, and its estimate by what a person would say of it. */
async function counted(definition: object, statementSeconds: number): Promise<Counted> {
  const options: SimulateOptions = { handlers, parts: 1, statementSeconds };
  const run = await simulate(definition, options);
  if (run.status !== 'SUCCEEDED') throw new Error(`the simulated run ended ${run.status}: ${run.cause}`);
  const assumptions: Assumptions = {
    parts: 1,
    seconds: { Load: statementSeconds, Audit: statementSeconds, LoadCustomers: statementSeconds, LoadProducts: statementSeconds, Job: 5 },
  };
  return { estimated: countRun(run.definition, assumptions, 'expected').transitions, counted: run.transitions };
}

async function main(json: boolean): Promise<void> {
  const { context } = JSON.parse(readFileSync(join(__dirname, '..', 'cdk.json'), 'utf8')) as { context: Record<string, unknown> };
  const columns = { 'source:table': 'customers', 'source:key': 'customer_id' };
  const definitions = new Map(Object.entries(EXAMPLES).map(([name, make]) => [name, aslOf(make(new App({ context: { ...context, ...columns } })))]));
  const examples = [];
  for (const [name, definition] of definitions) examples.push({ name, ...(await counted(definition, 5)) });
  const reference = definitions.get(REFERENCE)!;
  const bench = {
    instant: await counted(reference, 0),
    poll30: await counted(reference, HALF_AN_HOUR),
    plain15s30: countRun(NAIVE, { seconds: { Describe: HALF_AN_HOUR } }, 'expected').transitions,
    examples,
  };
  console.log(JSON.stringify(bench, null, json ? 0 : 2));
}

main(process.argv.includes('--json')).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
