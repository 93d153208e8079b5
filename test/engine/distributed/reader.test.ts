import { gzipSync } from 'node:zlib';
import { type Execution, execute, VirtualClock } from '../../../lib/engine';
import { machine, pass, run } from '../support';
import { distributedMap, echoing, MemoryS3, reader } from './support';

type Fields = Record<string, unknown>;

function read(config: Fields, content: string | Buffer, fields: Fields = {}): Promise<Execution> {
  return run(echoing({ ItemReader: reader(config), ...fields }), { s3: new MemoryS3({ 'in/data': content }) });
}

const csv = (fields: Fields = {}) => ({ InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW', ...fields });

describe('a CSV file', () => {
  test('its first row names the fields of the others, which are all text', async () => {
    expect((await read(csv(), 'id,name\n1,Ann\n2,\n')).output).toEqual([
      { id: '1', name: 'Ann' },
      { id: '2', name: '' },
    ]);
  });

  test('its headers can be given, and then the first row is an item', async () => {
    const execution = await read(csv({ CSVHeaderLocation: 'GIVEN', CSVHeaders: ['a', 'b'] }), '1,2\n3,4');
    expect(execution.output).toEqual([
      { a: '1', b: '2' },
      { a: '3', b: '4' },
    ]);
  });

  test.each([
    ['PIPE', '|'],
    ['SEMICOLON', ';'],
    ['SPACE', ' '],
    ['TAB', '\t'],
    ['COMMA', ','],
  ])('fields may be delimited by %s', async (CSVDelimiter, delimiter) => {
    expect((await read(csv({ CSVDelimiter }), `a${delimiter}b\n1${delimiter}2`)).output).toEqual([{ a: '1', b: '2' }]);
  });

  test('quoted fields hold delimiters, line ends and quotes', async () => {
    const content = 'a,b\r\n"x,y","say ""hi"""\r\n"two\nlines",""\r\n';
    expect((await read(csv(), content)).output).toEqual([
      { a: 'x,y', b: 'say "hi"' },
      { a: 'two\nlines', b: '' },
    ]);
  });

  test('a quote inside of a field that has none around it is just a quote', async () => {
    expect((await read(csv(), 'a\n5" pipe')).output).toEqual([{ a: '5" pipe' }]);
  });

  test('short rows are filled up, long ones cut off, empty lines left out', async () => {
    expect((await read(csv(), 'a,b\n1\n\n1,2,3\n')).output).toEqual([
      { a: '1', b: '' },
      { a: '1', b: '2' },
    ]);
  });

  test('text in any language survives being cut into pieces, a byte order mark is no part of it', async () => {
    for (const bytes of [1, 2, 3]) {
      const s3 = new MemoryS3({ 'in/data': '\ufeffname\nJosé 東京 🚀' }, bytes);
      expect((await run(echoing({ ItemReader: reader(csv()) }), { s3 })).output).toEqual([{ name: 'José 東京 🚀' }]);
    }
  });

  test.each([
    ['a,a\n1,2', 'CSV headers cannot contain duplicates.'],
    ['a\n"open', 'a quoted field of the CSV file is never closed'],
  ])('%j is refused', async (content, cause) => {
    expect(await read(csv(), content)).toMatchObject({ status: 'FAILED', error: 'States.ItemReaderFailed', cause });
  });

  test('headers that are given twice are refused too', async () => {
    const execution = await read(csv({ CSVHeaderLocation: 'GIVEN', CSVHeaders: ['a', 'a'] }), '1,2');
    expect(execution.error).toBe('States.ItemReaderFailed');
  });
});

describe('a JSON file', () => {
  test('is an array of items', async () => {
    expect((await read({ InputType: 'JSON' }, '[1,{"a":"é"},[2]]')).output).toEqual([1, { a: 'é' }, [2]]);
  });

  test.each([
    ['/entries', '{"entries":[1,2]}', [1, 2]],
    ['/a~1b/0/~0', '{"a/b":[{"~":[3]}]}', [3]],
  ])('%s points at the array in it', async (ItemsPointer, content, items) => {
    expect((await read({ InputType: 'JSON', ItemsPointer }, content)).output).toEqual(items);
  });

  test.each([
    ['{"a":1}', undefined, 'Attempting to map over non-iterable node.'],
    ['{"a":1}', '/a/b/c', 'Attempting to map over non-iterable node.'],
    ['{"secret":', undefined, "the object 'data' is not valid JSON"],
  ])('%s at %s has no items', async (content, ItemsPointer, cause) => {
    const execution = await read({ InputType: 'JSON', ...(ItemsPointer && { ItemsPointer }) }, content);
    expect(execution).toMatchObject({ error: 'States.ItemReaderFailed', cause });
  });
});

describe('a file of JSON lines', () => {
  test('has an item a line', async () => {
    expect((await read({ InputType: 'JSONL' }, '{"a":1}\n\n"two"\r\n3')).output).toEqual([{ a: 1 }, 'two', 3]);
  });

  test('tells which line is broken, but not what is in it', async () => {
    const execution = await read({ InputType: 'JSONL' }, '1\n{secret\n');
    expect(execution).toMatchObject({ error: 'States.ItemReaderFailed', cause: "line 2 of the object 'data' is not valid JSON" });
  });
});

describe('the objects of a bucket', () => {
  const ItemReader = { Resource: 'arn:aws:states:::s3:listObjectsV2', Arguments: { Bucket: 'in', Prefix: '{% $states.input.prefix %}' } };

  test('are items when they are listed', async () => {
    const s3 = new MemoryS3({ 'in/a/1': 'x', 'in/a/2': 'yy', 'in/b/1': 'z' });
    const execution = await run(echoing({ ItemReader }), { s3, input: { prefix: 'a/' } });
    expect(execution.output).toEqual([
      { Etag: '"a/1"', Key: 'a/1', LastModified: 0, Size: 1, StorageClass: 'STANDARD' },
      { Etag: '"a/2"', Key: 'a/2', LastModified: 0, Size: 2, StorageClass: 'STANDARD' },
    ]);
  });

  test('are items when an inventory tells of them', async () => {
    const manifest = {
      destinationBucket: 'arn:aws:s3:::inv',
      fileFormat: 'CSV',
      fileSchema: 'Bucket, Key, Size',
      files: [{ key: '1.csv.gz' }, { key: '2.csv' }],
    };
    const s3 = new MemoryS3({
      'in/data': JSON.stringify(manifest),
      'inv/1.csv.gz': gzipSync('"b","k1","1"\n'),
      'inv/2.csv': '"b","k2","2"\n',
    });
    const execution = await run(echoing({ ItemReader: reader({ InputType: 'MANIFEST' }) }), { s3 });
    expect(execution.output).toEqual([
      { Bucket: 'b', Key: 'k1', Size: '1' },
      { Bucket: 'b', Key: 'k2', Size: '2' },
    ]);
  });

  test('an inventory in another format is refused', async () => {
    const execution = await read({ InputType: 'MANIFEST' }, '{"fileFormat":"ORC"}');
    expect(execution).toMatchObject({ error: 'States.ItemReaderFailed', cause: 'the inventory\'s files are in the format "ORC", but must be CSV' });
  });
});

describe('any reader', () => {
  test('reads so many items and no more', async () => {
    expect((await read({ InputType: 'JSONL', MaxItems: '{% 1 + 1 %}' }, '1\n2\nbroken')).output).toEqual([1, 2]);
  });

  test('asks for the version that the arguments name', async () => {
    const s3 = new MemoryS3({ 'in/data': '[]' });
    const ItemReader = { ...reader({ InputType: 'JSON' }), Arguments: { Bucket: 'in', Key: '{% $states.input.key %}', VersionId: 'v1' } };
    await run(echoing({ ItemReader }), { s3, input: { key: 'data' } });
    expect(s3.calls).toEqual(['get in/data@v1']);
  });

  test('an object that is not there fails the Map under a name that Retry and Catch take', async () => {
    const definition = machine({
      Each: distributedMap(
        { Do: pass() },
        { ItemReader: reader({ InputType: 'JSON' }, 'nowhere'), Catch: [{ ErrorEquals: ['States.ItemReaderFailed'], Next: 'Told' }] },
      ),
      Told: pass(),
    });
    const execution = await run(definition, { s3: new MemoryS3() });
    expect(execution.output).toEqual({ Error: 'States.ItemReaderFailed', Cause: 'The specified key does not exist.' });
  });

  test('an object that is damaged in the middle fails the Map', async () => {
    const s3 = new MemoryS3({ 'in/data.gz': gzipSync('1\n'.repeat(1000)).subarray(0, 20) });
    expect(await run(echoing({ ItemReader: reader({ InputType: 'JSONL' }, 'data.gz') }), { s3 })).toMatchObject({ error: 'States.ItemReaderFailed' });
  });

  test('the time of a virtual clock stands still while it reads', async () => {
    const clock = new VirtualClock(0);
    const Both = {
      Type: 'Parallel',
      End: true,
      Branches: [
        { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 1, End: true } } },
        {
          StartAt: 'Each',
          States: { Each: distributedMap({ Do: pass() }, { ItemReader: reader({ InputType: 'JSONL' }), Next: 'Late' }), Late: pass() },
        },
      ],
    };
    const s3 = new MemoryS3({ 'in/data': '1\n'.repeat(50) });
    const { history } = await execute(machine({ Both }), { name: 'r', stateMachineName: 'm', clock, s3, tasks: async () => null });
    const late = history.find(({ stateEnteredEventDetails: entered }) => (entered as { name?: string } | undefined)?.name === 'Late')!;
    expect(late.timestamp).toBe(0);
  });
});
