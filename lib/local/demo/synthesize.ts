import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Deployment, readDeployment } from '../deployment';

/** Runs the app in `root` as `cdk synth` would, into `outdir`, and reads what it wrote. */
export async function synthesize(root: string, outdir: string, context: Readonly<Record<string, string>> = {}): Promise<Deployment> {
  const { context: standard } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')) as { context?: object };
  rmSync(outdir, { recursive: true, force: true });
  const { CDK_DEFAULT_ACCOUNT: _account, CDK_DEFAULT_REGION: _region, ...environment } = process.env;
  const app = spawn(process.execPath, ['--import', 'tsx', join('bin', 'app.ts')], {
    cwd: root,
    env: { ...environment, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify({ ...standard, ...context }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: Buffer[] = [];
  for (const stream of [app.stdout, app.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk));
  const code = await new Promise((resolve, reject) => app.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`bin/app.ts does not synthesize:\n${withoutStack(Buffer.concat(said).toString())}`);
  return readDeployment(outdir);
}

/** The error as written by whoever threw it. */
function withoutStack(text: string): string {
  const thrown = /^(?:\w*Error|«\w+».*?): [\s\S]*?(?=\n\s+at )/m.exec(text)?.[0];
  return (thrown ?? text).trim();
}
