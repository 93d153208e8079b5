import { App, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { unsupported } from '../../../lib/engine';
import { aslOf } from '../../../lib/testing';
import { machine, pass } from '../support';
import { distributedMap, MemoryS3, reader } from './support';

type Fields = Record<string, unknown>;

const s3 = new MemoryS3();
const problemsOf = (fields: Fields, type?: string) => unsupported(machine({ Each: distributedMap({ Do: pass() }, fields, type) }), { s3 });
const csv = (config: Fields) => ({ ItemReader: reader({ InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW', ...config }) });
const put = { Resource: 'arn:aws:states:::s3:putObject', Arguments: { Bucket: 'b' } };

describe('a Distributed Map the engine cannot run', () => {
  test.each<[string, Fields, string]>([
    [
      'a reader of something else',
      { ItemReader: { ...reader({ InputType: 'JSON' }), Resource: 'arn:aws:states:::athena:getRows' } },
      'ItemReader: resource ',
    ],
    ['a reader of Parquet', { ItemReader: reader({ InputType: 'PARQUET' }) }, `ItemReader: ReaderConfig: 'InputType' "PARQUET" is not implemented`],
    ['a reader of no type', { ItemReader: reader({}) }, `ItemReader: ReaderConfig: field 'InputType' is missing`],
    ['a reader of nothing', { ItemReader: { Resource: 'arn:aws:states:::s3:listObjectsV2' } }, `ItemReader: field 'Arguments' is missing`],
    ['a reader of JSONPath', { ItemReader: { ...reader({ InputType: 'JSON' }), Parameters: {} } }, `ItemReader: field 'Parameters' is not`],
    ['an unknown field of a reader', csv({ MaxItemsPath: '$.x' }), `ItemReader: ReaderConfig: field 'MaxItemsPath' is not implemented`],
    ['CSV without headers', { ItemReader: reader({ InputType: 'CSV' }) }, `ItemReader: ReaderConfig: field 'CSVHeaderLocation' is missing`],
    ['headers that are not given', csv({ CSVHeaderLocation: 'GIVEN' }), `ItemReader: ReaderConfig: 'CSVHeaders' goes with`],
    ['headers given twice', csv({ CSVHeaders: ['a'] }), `ItemReader: ReaderConfig: 'CSVHeaders' goes with`],
    ['an unknown place of headers', csv({ CSVHeaderLocation: 'LAST_ROW' }), `ItemReader: ReaderConfig: 'CSVHeaderLocation' "LAST_ROW" is not`],
    ['an unknown delimiter', csv({ CSVDelimiter: 'DOT' }), `ItemReader: ReaderConfig: 'CSVDelimiter' "DOT" is not implemented; COMMA, PIPE,`],
    [
      'objects loaded while they are listed',
      { ItemReader: { Resource: 'arn:aws:states:::s3:listObjectsV2', Arguments: {}, ReaderConfig: { Transformation: 'LOAD_AND_FLATTEN' } } },
      `ItemReader: ReaderConfig: field 'Transformation' is not implemented`,
    ],
    ['a batch of any size', { ItemBatcher: { BatchInput: 1 } }, `ItemBatcher: must have 'MaxItemsPerBatch' or 'MaxInputBytesPerBatch'`],
    [
      'an unknown field of a batcher',
      { ItemBatcher: { MaxItemsPerBatch: 1, MaxItemsPerBatchPath: '$' } },
      `ItemBatcher: field 'MaxItemsPerBatchPath' is`,
    ],
    ['a writer of something else', { ResultWriter: { ...put, Resource: 'arn:aws:states:::sqs:sendMessage' } }, 'ResultWriter: resource '],
    ['a writer of nothing', { ResultWriter: {} }, `ResultWriter: must have 'Resource' or 'WriterConfig'`],
    ['a writer without a place', { ResultWriter: { Resource: put.Resource } }, `ResultWriter: 'Resource' and 'Arguments' go together`],
    ['an unknown field of a writer', { ResultWriter: { ...put, Parameters: {} } }, `ResultWriter: field 'Parameters' is not implemented`],
    [
      'an unknown transformation',
      { ResultWriter: { ...put, WriterConfig: { Transformation: 'ZIP' } } },
      `ResultWriter: WriterConfig: 'Transformation' "ZIP" is`,
    ],
    [
      'an unknown output type',
      { ResultWriter: { ...put, WriterConfig: { OutputType: 'CSV' } } },
      `ResultWriter: WriterConfig: 'OutputType' "CSV" is not implemented`,
    ],
    [
      'lines as the result of a state',
      { ResultWriter: { WriterConfig: { OutputType: 'JSONL' } } },
      `ResultWriter: WriterConfig: 'OutputType' "JSONL" is not implemented; JSON is`,
    ],
    [
      'an unknown field of a transformation',
      { ResultWriter: { ...put, WriterConfig: { Shape: 1 } } },
      `ResultWriter: WriterConfig: field 'Shape' is not implemented`,
    ],
    ['a label that is too long', { Label: 'x'.repeat(41) }, 'label "xxx'],
    ['a label with blanks', { Label: 'a b' }, 'label "a b" must have 1 to 40 letters'],
    ['no label', { Label: '' }, 'label "" must have'],
  ])('%s is refused by name', (_what, fields, problem) => {
    const found = problemsOf(fields);
    expect(found).toEqual([expect.stringContaining(`state 'Each': ${problem}`)]);
  });

  test('an unknown type of execution is refused', () => {
    expect(problemsOf({}, 'FAST')).toEqual([
      `state 'Each': ItemProcessor: ProcessorConfig: 'ExecutionType' "FAST" is not implemented; STANDARD, EXPRESS are`,
    ]);
    const unnamed = {
      ...distributedMap({ Do: pass() }),
      ItemProcessor: { ...machine({ Do: pass() }), QueryLanguage: undefined, ProcessorConfig: { Mode: 'DISTRIBUTED' } },
    };
    expect(unsupported(machine({ Each: unnamed }))).toEqual([`state 'Each': ItemProcessor: ProcessorConfig: field 'ExecutionType' is missing`]);
  });

  test('what is wrong in a child execution is found', () => {
    expect(unsupported(machine({ Each: distributedMap({ Do: pass({ ResultPath: '$' }) }) }))).toEqual([
      "state 'Do': field 'ResultPath' is not implemented",
    ]);
  });
});

describe('a Distributed Map the engine runs', () => {
  test.each<[Fields]>([
    [{ Label: 'x'.repeat(40) }],
    [{ Label: 'a-b_c.d' }],
    [csv({ CSVHeaderLocation: 'GIVEN', CSVHeaders: ['a'], MaxItems: '{% 1 %}', CSVDelimiter: 'TAB' })],
    [{ ItemReader: { ...reader({ InputType: 'JSON' }), Resource: 'arn:aws-cn:states:::s3:getObject' } }],
    [{ ItemReader: { Resource: 'arn:aws:states:::s3:listObjectsV2', Arguments: { Bucket: 'b' }, ReaderConfig: { MaxItems: 1 } } }],
    [{ ItemBatcher: { MaxInputBytesPerBatch: 1, BatchInput: {} } }],
    [{ ResultWriter: { ...put, WriterConfig: { Transformation: 'FLATTEN', OutputType: 'JSONL' } } }],
  ])('%j is fine', (fields) => {
    expect(problemsOf(fields, 'EXPRESS')).toEqual([]);
  });

  test('is also what CDK makes of its readers', () => {
    const stack = new Stack(new App(), 'S');
    const bucket = Bucket.fromBucketName(stack, 'B', 'data');
    const readers: Record<string, sfn.IItemReader> = {
      Objects: new sfn.S3ObjectsItemReader({ bucket, prefix: 'a/' }),
      Json: new sfn.S3JsonItemReader({ bucket, key: 'k', maxItems: 2 }),
      JsonLines: new sfn.S3JsonLItemReader({ bucket, key: 'k' }),
      Csv: new sfn.S3CsvItemReader({ bucket, key: 'k', csvHeaders: sfn.CsvHeaders.use(['a']), csvDelimiter: sfn.CsvDelimiter.PIPE }),
      Manifest: new sfn.S3ManifestItemReader({ bucket, key: 'k' }),
    };
    for (const [id, itemReader] of Object.entries(readers)) {
      const map = sfn.DistributedMap.jsonata(stack, `${id}Map`, { itemReader, label: id, itemBatcher: new sfn.ItemBatcher({ maxItemsPerBatch: 3 }) });
      map.itemProcessor(sfn.Pass.jsonata(stack, `${id}Pass`));
      const queryLanguage = sfn.QueryLanguage.JSONATA;
      new sfn.StateMachine(stack, `${id}Machine`, { definitionBody: sfn.DefinitionBody.fromChainable(map), queryLanguage });
    }
    for (const id of Object.keys(readers)) {
      const definition = JSON.parse(JSON.stringify(aslOf(stack, `${id}Machine`)).replaceAll('${AWS::Partition}', 'aws'));
      expect({ id, problems: unsupported(definition, { s3 }) }).toEqual({ id, problems: [] });
    }
  });
});
