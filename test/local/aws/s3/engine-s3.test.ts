import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { execute } from '../../../../lib/engine';
import { engineS3 } from '../../../../lib/local/aws/s3/engine-s3';
import { S3Folder } from '../../../../lib/local/aws/s3/folder';

let root: string;
let folder: S3Folder;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'engine-s3-'));
  folder = new S3Folder(root);
  folder.createBucket('lake');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const put = (Key: string, text: string) => engineS3(folder).putObject({ Bucket: 'lake', Key }, Readable.from([Buffer.from(text)]));

/** A Distributed Map over what a reader reads, its results written beside it. */
const distributed = (Resource: string, Arguments: object, ReaderConfig?: object) => ({
  QueryLanguage: 'JSONata',
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      Label: 'each',
      End: true,
      ItemReader: { Resource, Arguments: { Bucket: 'lake', ...Arguments }, ReaderConfig },
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'Do',
        States: { Do: { Type: 'Pass', End: true } },
      },
    },
  },
});

const run = (definition: object) => execute(definition, { name: 'run', stateMachineName: 'orders', tasks: async () => null, s3: engineS3(folder) });

test('a Distributed Map reads the lines of an object', async () => {
  await put('in/orders.jsonl', '{"n":1}\n{"n":2}\n');
  const { output } = await run(distributed('arn:aws:states:::s3:getObject', { Key: 'in/orders.jsonl' }, { InputType: 'JSONL' }));
  expect(output).toEqual([{ n: 1 }, { n: 2 }]);
});

test('a Distributed Map reads a listing, in order, however long', async () => {
  for (let index = 0; index < 1001; index += 1) await put(`in/${String(index).padStart(4, '0')}`, 'xy');
  await put('other/0', 'xy');
  const { output } = await run(distributed('arn:aws:states:::s3:listObjectsV2', { Prefix: 'in/' }));
  const items = output as { Key: string }[];
  expect(items).toHaveLength(1001);
  expect(items.map(({ Key }) => Key)).toEqual(items.map((_, index) => `in/${String(index).padStart(4, '0')}`));
  expect(items[0]).toEqual({
    Etag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
    Key: 'in/0000',
    LastModified: expect.any(Number),
    Size: 2,
    StorageClass: 'STANDARD',
  });
  expect(Math.abs((items[0] as unknown as { LastModified: number }).LastModified - Date.now() / 1000)).toBeLessThan(60);
});

test('an object that is not there, and a version, fail the reading with the reason', async () => {
  const missing = await run(distributed('arn:aws:states:::s3:getObject', { Key: 'none' }, { InputType: 'JSON' }));
  expect(missing).toMatchObject({
    status: 'FAILED',
    error: 'States.ItemReaderFailed',
    cause: expect.stringContaining('The specified key does not exist.'),
  });
  await expect(engineS3(folder).getObject({ Bucket: 'lake', Key: 'x', VersionId: '1' })).rejects.toThrow('does not emulate versions of objects');
});

test('an object that cannot be written leaves nothing behind', async () => {
  const broken = async function* () {
    yield Buffer.from('half');
    throw new Error('the disk is gone');
  };
  await expect(engineS3(folder).putObject({ Bucket: 'lake', Key: 'out' }, broken())).rejects.toThrow('the disk is gone');
  await expect(engineS3(folder).putObject({ Bucket: 'none', Key: 'out' }, Readable.from([]))).rejects.toThrow('bucket does not exist');
  expect(readdirSync(join(root, 'lake'))).toEqual([]);
});
