import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Duration } from 'aws-cdk-lib';
import { RetryPolicy } from '../lib';
import { proofTable, prove } from '../lib/testing';
import { EXAMPLES } from './examples';
import { NativeTaskStack } from './native-task';

// Validates templates, which takes longer than to synthesize them; the tests of the examples do.
process.env.CDK_VALIDATION ??= 'false';

/** What the README promises of the default, in numbers and not by what the default is. */
const retry = RetryPolicy.custom({ maxAttempts: 2, interval: Duration.seconds(20), backoffRate: 2, maxDelay: Duration.minutes(5), jitter: true });

/** What the examples call that no step of the library does. */
const handlers = {
  'dynamodb:putItem': () => ({}),
  Call: () => ({ Payload: {} }),
  Ask: () => ({ Item: { status: { S: 'DONE' }, rows: { N: '1000' } } }),
  Look: () => ({ Workgroup: { Status: 'AVAILABLE' } }),
  Compute: () => ({ StopCode: 'EssentialContainerExited' }),
  Record: () => ({}),
};

const MACHINES = { ...EXAMPLES, 'native task': (app: App) => new NativeTaskStack(app, 'Native') };

/** Runs the fault matrix of every example, and of a native task: `npm run prove` prints it as a table, `npm run -s prove -- --json` as `{ machines, cases, violations }`. */
async function main(json: boolean): Promise<number> {
  const { context } = JSON.parse(readFileSync(join(__dirname, '..', 'cdk.json'), 'utf8')) as { context: Record<string, unknown> };
  let cases = 0;
  const violations: string[] = [];
  for (const [name, make] of Object.entries(MACHINES)) {
    const columns = { 'source:table': 'customers', 'source:key': 'customer_id' };
    try {
      const proof = await prove(make(new App({ context: { ...context, ...columns } })), { handlers, retry });
      cases += proof.cases.length;
      violations.push(...proof.violations.map((violation) => `${name}: ${violation}`));
      if (!json) console.log(`${name}\n${proofTable(proof)}\n`);
    } catch (error) {
      // The check at synthesis finds some of what the matrix would find.
      violations.push(`${name}: ${(error as Error).message}`);
      if (!json) console.log(`${name}\n- ${(error as Error).message}\n`);
    }
  }
  const machines = Object.keys(MACHINES).length;
  console.log(json ? JSON.stringify({ machines, cases, violations }) : `${machines} state machines, ${cases} runs, ${violations.length} violations`);
  return violations.length === 0 ? 0 : 1;
}

main(process.argv.includes('--json')).then((code) => {
  process.exitCode = code;
});
