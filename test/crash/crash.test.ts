import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { OrdersToRedshiftStack } from '../../examples/orders-to-redshift/stack';
import { crash } from './crash';

jest.setTimeout(300_000);

const ROOT = join(__dirname, '..', '..');
let app: string;
beforeAll(() => {
  app = mkdtempSync(join(tmpdir(), 'crash-app-'));
  const cdk = new App({ outdir: app });
  new OrdersToRedshiftStack(cdk, 'OrdersToRedshift');
  cdk.synth();
});
afterAll(() => rmSync(app, { recursive: true, force: true }));

test('a run interrupted in each of the ways loses nothing, doubles nothing and leaves nothing, and the next one goes on', async () => {
  const told: string[] = [];
  const report = await crash({
    ...{ root: ROOT, app, seed: 1, cases: 12, jobs: 2 },
    onCase: ({ index }, { violations }) => told.push(...violations.map(({ rule, what }) => `case ${index}, ${rule}: ${what}`)),
  });
  expect(told).toEqual([]);
  expect(report).toMatchObject({ lost: 0, duplicated: 0, orphans: 0, ahead: 0, partial: 0, failed: 0 });
  expect(report.interruptions).toBeGreaterThanOrEqual(11);
});
