import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { part } from '../../../lib/runtime/clean';
import type { Dataset, Format, Rule } from '../../../lib/runtime/contract';
import { columns, failure, World } from './support';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterAll(() => world.close());

const of = columns('id integer', 'name varchar(20)');
const CANARY = 'canary-7f3a';

const clean = (dataset: Dataset, rules: Rule[] = [], index = 0) => part(world.partEvent(dataset, rules, index));
const entryOf = (dataset: Dataset) => world.manifest(dataset.manifest).entries[0]!;

/** The error of cleaning one part of this text; nothing may be written then, and no value be told. */
async function corrupt(text: string, records: number, format: Format = 'copy-text'): Promise<string> {
  const source = world.givenTexts(of, [{ text, records }], format);
  return refused(source);
}

async function refused(source: Dataset): Promise<string> {
  const error = await failure(clean(source, [{ rule: 'unique', columns: ['id'] }]));
  expect(error.name).toBe('CorruptInput');
  expect(error.message).toContain(entryOf(source).url);
  expect(error.message).toContain('run the step that wrote it again');
  expect(error.message).not.toContain(CANARY);
  expect(world.files(`${world.prefix(source)}/clean`)).toEqual([]);
  return error.message;
}

describe('a part that is not what its manifest says is refused', () => {
  test('with fewer or more rows', async () => {
    expect(await corrupt('1\ta\n2\tb\n', 3)).toContain('has 2 rows, its manifest says 3');
    expect(await corrupt('1\ta\n2\tb\n', 1)).toContain('has more rows than the 1 its manifest says');
    expect(await corrupt('', 1)).toContain('has 0 rows, its manifest says 1');
  });

  test('with another length', async () => {
    const source = world.given(of, [[['1', 'a']]]);
    writeFileSync(world.file(entryOf(source).url), gzipSync('1\ta\n2\tb\n'));

    expect(await refused(source)).toMatch(/has \d+ bytes, its manifest says \d+/);
  });

  test('missing', async () => {
    const source = world.given(of, [[['1', 'a']]]);
    rmSync(world.file(entryOf(source).url));

    expect(await refused(source)).toContain('does not exist');
  });

  test.each([
    ['cut', (body: Buffer) => body.subarray(0, -9), 'Z_BUF_ERROR'],
    ['with a byte changed', (body: Buffer) => Buffer.concat([body.subarray(0, -6), Buffer.of(body.at(-6)! ^ 1), body.subarray(-5)]), 'Z_DATA_ERROR'],
    ['no gzip', (body: Buffer) => Buffer.alloc(body.length, 'x'), 'Z_DATA_ERROR'],
  ])('%s, though its length is right', async (_, change, code) => {
    const source = world.given(of, [Array.from({ length: 1000 }, (_value, at) => [String(at), CANARY])]);
    const { url } = entryOf(source);
    const body = change(readFileSync(world.file(url)));
    writeFileSync(world.file(url), body);
    const manifest = world.manifest(source.manifest);
    world.put(
      source.manifest,
      JSON.stringify({ ...manifest, entries: [{ ...manifest.entries[0], meta: { content_length: body.length, record_count: 1000 } }] }),
    );

    expect(await refused(source)).toContain(code);
  });

  test.each<[string, string, Format, string]>([
    ['a row with too few columns', `1\ta\n${CANARY}\n`, 'copy-text', 'cannot be read at row 2: a row has 1 of its 2 columns'],
    ['a row with too many columns', `1\ta\n2\tb\t${CANARY}\n`, 'copy-text', 'cannot be read at row 2: a row has more than its 2 columns'],
    ['a row cut in the middle', `1\ta\n2`, 'copy-text', 'cannot be read at row 2: a row has 1 of its 2 columns'],
    [
      'an escape that COPY never writes',
      `1\ta\n2\t${CANARY}\\q\n`,
      'copy-text',
      'cannot be read at row 2: a value holds an escape that COPY never writes',
    ],
    ['a backslash at the end of a value', `1\ta\n2\t${CANARY}\\\n`, 'copy-text', 'a value holds an escape'],
    ['a line that is no JSON', `{"id":"1","name":"a"}\n{"id":"2","name":${CANARY}}\n`, 'jsonl', 'cannot be read at row 2: a line is no JSON'],
    ['a line that is cut', `{"id":"1","name":"a"}\n{"id":"2","na`, 'jsonl', 'cannot be read at row 2: a line is no JSON'],
    ['a line that is no object', `{"id":"1","name":"a"}\n["${CANARY}"]\n`, 'jsonl', 'cannot be read at row 2: a line is no JSON object'],
    [
      'a line without a column',
      `{"id":"1","name":"a"}\n{"id":"2"}\n`,
      'jsonl',
      "a row has no value in column 'name', where a string or null must be",
    ],
    ['a line with a number', `{"id":"1","name":"a"}\n{"id":2,"name":"${CANARY}"}\n`, 'jsonl', "a row has a number in column 'id'"],
    ['a line with another key', `{"id":"1","name":"a"}\n{"id":"2","name":null,"x":null}\n`, 'jsonl', 'a row has keys that are no column'],
  ])('with %s', async (_, text, format, message) => {
    expect(await corrupt(text, 2, format)).toContain(message);
  });

  test('but JSON Lines may end without a newline', async () => {
    const source = world.givenTexts(of, [{ text: '{"id":"1","name":null}', records: 1 }], 'jsonl');

    expect(await clean(source)).toMatchObject({ read: 1, cleaned: { meta: { record_count: 1 } } });
  });
});

describe('what cannot run is refused', () => {
  test('a part that the dataset does not have', async () => {
    const source = world.given(of, [[['1', 'a']]]);

    expect(await failure(clean(source, [], 1))).toMatchObject({ name: 'InvalidInput', message: expect.stringContaining('has no part 1') });
  });

  test('rules that do not fit the columns', async () => {
    const source = world.given(of, [[['1', 'a']]]);

    expect(await failure(clean(source, [{ rule: 'trim', columns: ['nope'] }]))).toMatchObject({ name: 'InvalidInput' });
  });
});

test('a row larger than any buffer is read whole and kept whole', async () => {
  const long = `${CANARY}"\n`.repeat(60_000);
  const source = world.given(of, [
    [
      ['1', 'a'],
      ['2', long],
      ['3', 'b'],
    ],
  ]);

  const { rows, rejects } = await world.clean(source, []);

  expect(rows).toEqual([
    ['1', 'a'],
    ['3', 'b'],
  ]);
  expect(rejects).toEqual([{ reason: { rule: 'overlong', column: 'name' }, part: 0, line: 2, row: { id: '2', name: long } }]);
});

/** Rows that do not compress, so that buffers and upload parts fill. */
const noise = (count: number) => Array.from({ length: count }, (_, at) => [String(at), randomBytes(75).toString('base64')]);
const wide = columns('id integer', 'name varchar(100)');

test('many rows come out as they are and in their order', async () => {
  const rows = noise(100_000);

  const outcome = await world.clean(world.given(wide, [rows]), []);

  expect(outcome.rows.length).toBe(rows.length);
  expect(outcome.rows.findIndex(([id, name], at) => id !== rows[at]![0] || name !== rows[at]![1])).toBe(-1);
}, 60_000);

test('when S3 takes no more, the error is that of S3 and nothing hangs', async () => {
  const source = world.given(wide, [noise(160_000)]);
  const event = { ...world.partEvent(source, [], 0), output: { bucket: 'no-such-bucket', prefix: 'clean' } };

  expect(await failure(part(event))).toMatchObject({ name: 'NoSuchBucket' });
}, 60_000);

test('when the input fails late, no output of it appears and no upload stays open', async () => {
  const source = world.given(wide, [noise(160_000)]);
  const manifest = world.manifest(source.manifest);
  const [entry] = manifest.entries;
  const meta = { ...entry!.meta, record_count: 159_999 };
  world.put(source.manifest, JSON.stringify({ ...manifest, entries: [{ ...entry, meta }] }));

  await refused(source);

  const answer = await (await fetch(`${world.aws.url}/lake?uploads`)).text();
  expect(answer).not.toContain('<UploadId>');
}, 60_000);

test('an overlong text fails the part if it is to, with the column and without the text, and nothing is written', async () => {
  const source = world.given(of, [
    [
      ['1', 'a'],
      ['2', CANARY.repeat(2)],
      ['x', 'c'],
    ],
  ]);

  const error = await failure(part({ ...world.partEvent(source, [], 0), overlong: 'fail' }));

  expect(error.name).toBe('TooManyRejects');
  expect(error.message).toContain(`row 2 of '${entryOf(source).url}' has a text of more bytes than column 'name' holds`);
  expect(error.message).not.toContain(CANARY);
  expect(world.files(`${world.prefix(source)}/clean`)).toEqual([]);
});

test('a value of another type is a reject even where an overlong text is a failure', async () => {
  const source = world.given(of, [
    [
      ['x', 'a'],
      ['2', 'b'],
    ],
  ]);
  const answer = await part({ ...world.partEvent(source, [], 0), overlong: 'fail' });
  expect(answer).toMatchObject({ read: 2, cleaned: { meta: { record_count: 1 } }, rejected: { meta: { record_count: 1 } } });
});
