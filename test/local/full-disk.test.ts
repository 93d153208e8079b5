import fs from 'node:fs';
import promises from 'node:fs/promises';
import { join } from 'node:path';
import { Bench, type BenchRun, expectFailure, loadedRows, type TablePipeline } from './support';

jest.setTimeout(180_000);

const ROWS = 500;
let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open(`CREATE TABLE orders AS SELECT n AS id, md5(n::text) AS note FROM generate_series(1, ${ROWS}) n`);
});
afterAll(() => bench?.close());
afterEach(() => jest.restoreAllMocks());

const pipeline: TablePipeline = { extract: { table: 'orders' } };
const noSpace = () => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

/** Whatever is written into the bucket's folder finds the disk full while `isFull`. */
function fillDisk(out: string, isFull: () => boolean): void {
  const open = promises.open;
  jest.spyOn(promises, 'open').mockImplementation(async (path, ...more) => {
    const file = await open(path, ...more);
    if (String(path).startsWith(join(out, 's3')) && isFull()) jest.spyOn(file, 'writeFile').mockRejectedValue(noSpace());
    return file;
  });
}

/** Objects of a run, and files that are none yet. */
const files = (out: string) =>
  fs
    .readdirSync(join(out, 's3'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes(`${join('s3', '.meta')}`))
    .map((entry) => join(entry.parentPath, entry.name).slice(join(out, 's3').length));

async function expectGoesOn(failed: BenchRun): Promise<void> {
  const again = await bench.run(pipeline, { out: failed.out });
  expect(again).toMatchObject({ status: 'SUCCEEDED', counts: { extracted: ROWS, loaded: ROWS } });
  expect(await loadedRows(failed.out)).toHaveLength(ROWS);
}

test('a full disk fails the extraction with the folder to look at, leaves nothing, and the next run goes on', async () => {
  const out = bench.newFolder();
  let full = true;
  fillDisk(out, () => full);
  const started = Date.now();
  const run = await bench.run(pipeline, { out });
  expect(Date.now() - started).toBeLessThan(30_000);
  const says = [`no space left on the disk of '${join(out, 's3')}' (ENOSPC); free some, or choose another folder`];
  expectFailure(run, { state: 'Extract: Run', attempts: 3, error: 'InsufficientStorage', says });
  expect(files(out)).toEqual([]);
  full = false;
  await expectGoesOn(run);
});

test('a disk that is full only later fails the step that writes then, and nothing of that step can be seen', async () => {
  const out = bench.newFolder();
  let full = false;
  fillDisk(out, () => full);
  const run = await bench.run(pipeline, {
    out,
    onProgress: (states) => {
      full ||= states.some(({ name }) => name === 'Clean: Parts');
    },
  });
  expectFailure(run, {
    state: 'Clean: Parts',
    attempts: 1,
    error: 'InsufficientStorage',
    says: [`no space left on the disk of '${join(out, 's3')}'`],
  });
  expect(run.states.find(({ name }) => name === 'Clean: Part')).toMatchObject({ attempts: 3 });
  expect(files(out).filter((name) => !name.includes('/Extract/'))).toEqual([]);
  full = false;
  await expectGoesOn(run);
});

test('a history that cannot be written names the folder, too', async () => {
  const out = bench.newFolder();
  const writeFileSync = fs.writeFileSync;
  jest.spyOn(fs, 'writeFileSync').mockImplementation((file, ...more) => {
    if (String(file) === join(out, 'history.json')) throw noSpace();
    writeFileSync(file, ...more);
  });
  await expect(bench.run(pipeline, { out })).rejects.toThrow(`no space left on the disk of '${out}' (ENOSPC); free some, or choose another folder`);
});
