import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { DefinitionBody, Pass, QueryLanguage, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Client } from 'pg';
import { Existing } from '../../examples/existing';
import { AlertPolicy, DataPipeline, Incremental, LambdaClean, LoadMode, RdsExtract, RedshiftLoad } from '../../lib';
import { VirtualClock } from '../../lib/engine';
import { startSource } from '../../lib/local/demo/source';
import { readDeployment } from '../../lib/local/deployment';
import { objectFile, paths } from '../../lib/local/paths';
import { clientConfig, type LocalPostgres } from '../../lib/local/postgres';
import { runLocal } from '../../lib/local/run';
import { openWarehouse } from '../../lib/local/warehouse';

jest.setTimeout(180_000);

const TABLE = `
CREATE TABLE items (id integer NOT NULL, value text, updated_at timestamptz NOT NULL);
INSERT INTO items VALUES (1, 'one', now() - interval '1 hour'), (2, 'two', now() - interval '1 hour');
`;

let folder: string;
let source: LocalPostgres;
let database: Client;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'load-modes-'));
  writeFileSync(join(folder, 'items.sql'), TABLE);
  source = await startSource(folder, { script: join(folder, 'items.sql') }, () => {});
  database = new Client(clientConfig(source));
  await database.connect();
});
afterEach(async () => {
  await database.end();
  await source.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A pipeline that moves what changed, and a machine that loads a dataset of an earlier run again. */
function deploy(mode: LoadMode) {
  const app = new App({ outdir: join(folder, 'cdk.out') });
  const stack = new Stack(app, 'Modes');
  const { source: rds, warehouse } = new Existing(stack, 'Existing');
  const extract = new RdsExtract(stack, 'Extract', {
    source: rds,
    table: 'items',
    incremental: Incremental.by('updated_at', { lag: Duration.seconds(0) }),
  });
  const load = new RedshiftLoad(stack, 'Load', { warehouse, table: 'items', mode });
  new DataPipeline(stack, 'Items', {
    definition: extract.next(new LambdaClean(stack, 'Clean')).next(load.skipWhenEmpty()).next(extract.commit()),
    alerts: AlertPolicy.none(),
  });
  const again = new RedshiftLoad(stack, 'Again', { warehouse, table: 'items', mode });
  new StateMachine(stack, 'Replay', {
    queryLanguage: QueryLanguage.JSONATA,
    definitionBody: DefinitionBody.fromChainable(Pass.jsonata(stack, 'Begin', { assign: { dataset: '{% $states.input %}' } }).next(again)),
  });
  app.synth();
  const deployment = readDeployment(join(folder, 'cdk.out'));
  const start = (machine: string, input: unknown = {}) => {
    const { logicalId } = deployment.machines.find(({ logicalId: id }) => id.startsWith(machine))!;
    return runLocal({ deployment, machine: logicalId, input, out: folder, source, clock: new VirtualClock(Date.now()) });
  };
  return { run: () => start('Items'), replay: (dataset: unknown) => start('Replay', dataset) };
}

async function items(): Promise<unknown[]> {
  const warehouse = await openWarehouse({ file: paths(folder).warehouse, resolveS3: (url) => objectFile(folder, url) });
  try {
    return (await warehouse.query('SELECT id, value FROM items ORDER BY id, value')).map(({ id, value }) => [id, value]);
  } finally {
    await warehouse.close();
  }
}

const change = () =>
  database.query(`UPDATE items SET value = 'two, changed', updated_at = now() WHERE id = 2; INSERT INTO items VALUES (3, 'three', now())`);

test('upsert takes changes over, and an old run that is loaded again brings nothing stale back', async () => {
  const { run, replay } = deploy(LoadMode.upsert('id'));
  const first = await run();
  await change();
  const second = await run();
  const changed = [
    [1, 'one'],
    [2, 'two, changed'],
    [3, 'three'],
  ];
  expect(second).toMatchObject({ status: 'SUCCEEDED', counts: { extracted: 2, loaded: 2 } });
  expect(await items()).toEqual(changed);
  for (const dataset of [first.dataset, second.dataset, first.dataset]) {
    expect((await replay(dataset)).status).toBe('SUCCEEDED');
    expect(await items()).toEqual(changed);
  }
});

test('append adds what changed, and a window that is loaded again replaces itself', async () => {
  const { run, replay } = deploy(LoadMode.append());
  const first = await run();
  await change();
  const second = await run();
  const all = [
    [1, 'one'],
    [2, 'two'],
    [2, 'two, changed'],
    [3, 'three'],
  ];
  expect(await items()).toEqual(all);
  for (const dataset of [second.dataset, first.dataset]) {
    expect((await replay(dataset)).status).toBe('SUCCEEDED');
    expect(await items()).toEqual(all);
  }
});

test('replace holds what the last load had', async () => {
  const { run, replay } = deploy(LoadMode.replace());
  const first = await run();
  await change();
  await run();
  expect(await items()).toEqual([
    [2, 'two, changed'],
    [3, 'three'],
  ]);
  await replay(first.dataset);
  expect(await items()).toEqual([
    [1, 'one'],
    [2, 'two'],
  ]);
});

test('a dataset that does not hold what its manifest says is not loaded, and says so', async () => {
  const { run, replay } = deploy(LoadMode.upsert('id'));
  const { dataset } = await run();
  const result = await replay({ ...dataset, recordCount: 7 });
  expect(result).toMatchObject({ status: 'FAILED', error: 'Redshift.StatementFailed' });
  expect(result.cause).toMatch(/count check failed: staged 2 rows, the manifest says 7/);
  expect(await items()).toEqual([
    [1, 'one'],
    [2, 'two'],
  ]);
});
