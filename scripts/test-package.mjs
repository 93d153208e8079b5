// Packs the library as npm would publish it, looks at what is in it, and synthesizes a consumer's app that installs it.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const work = mkdtempSync(join(tmpdir(), 'cdk-data-pipeline-package-'));
const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const run = (command, args, cwd) => execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

try {
  const [{ filename, files, size }] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', work], root));
  console.log(`${filename}: ${files.length} files, ${Math.round(size / 1024)} kB`);
  requireExactly(files.map(({ path }) => path));

  run('npx', ['publint', '--strict', join(work, filename)], root);
  console.log('publint: nothing found');

  const app = join(work, 'app');
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), '{ "private": true }');
  const peers = ['aws-cdk-lib', 'constructs'].map((name) => `${name}@${devDependencies[name]}`);
  run('npm', ['install', '--silent', '--prefer-offline', '--no-audit', '--no-fund', join(work, filename), ...peers], app);
  writeFileSync(join(app, 'app.js'), CONSUMER());
  console.log(run('node', ['app.js'], app).trim());
  const { machines } = JSON.parse(run('npx', ['--no-install', 'cdk-data-pipeline', 'cost', '--json'], app));
  if (!run('npx', ['--no-install', 'cdk-data-pipeline', 'graph'], app).startsWith('stateDiagram-v2')) throw new Error('graph drew no diagram');
  console.log(`its command line says that a run takes ${machines[0].expected.transitions} state transitions, and draws it`);
} finally {
  rmSync(work, { recursive: true, force: true });
}

function requireExactly(paths) {
  const allowed = [
    /^package\.json$/,
    /^(README|CHANGELOG|LICENSE|API)(\.md)?$/,
    /^\.jsii$/,
    /^build\/.*\.(js|d\.ts)$/,
    /^assets\/(lambda|glue)\//,
    /^node_modules\/jsonata\//,
  ];
  const strange = paths.filter((path) => !allowed.some((pattern) => pattern.test(path)));
  const needed = [
    '.jsii',
    'API.md',
    'LICENSE',
    'build/index.js',
    'build/cli.js',
    'build/testing/index.js',
    'build/testing/jest/setup.js',
    'assets/lambda/extract/index.js',
    'assets/lambda/clean/index.js',
    'assets/glue/parquet.py',
  ];
  const missing = needed.filter((path) => !paths.includes(path));
  if (strange.length + missing.length > 0)
    throw new Error(`the package has what nobody needs: ${strange.join(', ') || 'nothing'}; it lacks: ${missing.join(', ') || 'nothing'}`);
  if (!paths.some((path) => path.startsWith('node_modules/jsonata/'))) throw new Error('the package lacks jsonata, which jsii wants bundled');
}

function CONSUMER() {
  return `
const { App, Stack } = require('aws-cdk-lib');
const { Vpc } = require('aws-cdk-lib/aws-ec2');
const { Secret } = require('aws-cdk-lib/aws-secretsmanager');
const { Topic } = require('aws-cdk-lib/aws-sns');
const { AlertPolicy, DataPipeline, GlueParquet, LambdaClean, LoadMode, RdsExtract, RdsSource, RedshiftLoad, SnsNotify, Warehouse } = require('cdk-data-pipeline');
const { aslOf, simulate } = require('cdk-data-pipeline/testing');

const app = new App({ outdir: 'cdk.out' });
const stack = new Stack(app, 'Consumer');
const topic = new Topic(stack, 'Topic');
const source = RdsSource.postgres({ vpc: new Vpc(stack, 'Vpc'), secret: new Secret(stack, 'Secret') });
const warehouse = Warehouse.serverless({ workgroup: 'analytics', database: 'dev' });
const extract = new RdsExtract(stack, 'Extract', { source, table: 'sales.orders' });
const load = new RedshiftLoad(stack, 'Load', { warehouse, table: 'analytics.orders', mode: LoadMode.upsert('order_id') });
new DataPipeline(stack, 'Orders', {
  definition: extract
    .next(new LambdaClean(stack, 'Clean'))
    .next(new GlueParquet(stack, 'Parquet'))
    .next(load.skipWhenEmpty())
    .next(new SnsNotify(stack, 'Notify', { topic })),
  alerts: AlertPolicy.toTopic(topic),
});
app.synth();
console.log('a consumer synthesizes ' + Object.keys(aslOf(stack).States).length + ' states');
simulate(stack).then(({ status, output }) => {
  if (status !== 'SUCCEEDED') throw new Error('the simulated run ended ' + status);
  console.log('and simulates a run that loads ' + output.counts.loaded + ' rows');
});
`;
}
