import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { RealClock } from '../../engine';
import { UsageError } from '../demo/arguments';
import type { DemoProcess } from '../demo/main';
import { sourceOf, startSource } from '../demo/source';
import { synthesize } from '../demo/synthesize';
import { type Deployment, readDeployment } from '../deployment';
import { openEnvironment } from '../environment';
import { paths } from '../paths';
import { targetsNotEmulated } from '../refusals';
import { HELP, parseStatesArguments, type StatesArguments } from './arguments';
import { StatesClient } from './client';

/** What the endpoint needs of the process it runs in. `abort` ends it. */
export type StatesProcess = Omit<DemoProcess, 'color'>;

/** Runs the endpoint until it is told to end and answers the exit code: 0, 1 if it could not start, 2 for a wrong command line. */
export async function serveStates(process: StatesProcess): Promise<number> {
  try {
    const args = parseStatesArguments(process.argv);
    if (args.help) process.stdout.write(HELP);
    else await serve(args, process);
    return 0;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

async function serve(args: StatesArguments, process: StatesProcess): Promise<void> {
  const out = args.out === undefined ? mkdtempSync(join(tmpdir(), 'cdk-data-pipeline-')) : resolve(args.out);
  const warn = (line: string) => process.stderr.write(`warning: ${line}\n`);
  const read = args.cdkOut === undefined ? await synthesize(process.root, paths(out).cdkOut) : readDeployment(args.cdkOut);
  const deployment = withTopicsOnly(read, warn);
  // Only an app with a secret has a database to reach.
  const source = deployment.secrets.length > 0 ? await startSource(out, sourceOf(out, args), warn) : undefined;
  try {
    const environment = await openEnvironment({ deployment, out, clock: new RealClock(), source, port: args.port });
    try {
      const arns = await deploy(deployment, await StatesClient.local(environment.url, environment.region), warn);
      process.stdout.write(`Step Functions at ${environment.url} in ${environment.region}, everything it leaves in ${out}\n`);
      for (const arn of arns) process.stdout.write(`  ${arn}\n`);
      await aborted(process.abort);
    } finally {
      await environment.close();
    }
  } finally {
    await source?.stop();
  }
}

/** Rules keep the targets that are emulated. */
function withTopicsOnly(deployment: Deployment, warn: (line: string) => void): Deployment {
  for (const problem of targetsNotEmulated(deployment.rules)) warn(problem);
  const rules = deployment.rules.map((rule) => ({
    ...rule,
    targets: rule.targets.filter((target) => targetsNotEmulated([{ ...rule, targets: [target] }]).length === 0),
  }));
  return { ...deployment, rules };
}

/** Deploys the state machines that can run here, and says why the others cannot. */
async function deploy({ machines }: Deployment, client: StatesClient, warn: (line: string) => void): Promise<string[]> {
  const arns: string[] = [];
  for (const machine of machines) {
    try {
      await client.deploy(machine);
      arns.push(machine.arn);
    } catch (error) {
      if ((error as Error).name !== 'InvalidDefinition') throw error;
      warn(`state machine '${machine.logicalId}' is left out: ${(error as Error).message}`);
    }
  }
  client.close();
  return arns;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => (signal.aborted ? done() : signal.addEventListener('abort', () => done(), { once: true })));
}
