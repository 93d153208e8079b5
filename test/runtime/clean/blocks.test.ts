import { Readable } from 'node:stream';
import { wholeLines } from '../../../lib/runtime/clean/blocks';
import { CopyTextReader } from '../../../lib/runtime/clean/copy-text';
import { Row } from '../../../lib/runtime/clean/row';
import { copyText, type Values } from './support';

async function blocksOf(bytes: Buffer, size: number): Promise<Buffer[]> {
  const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
  const blocks: Buffer[] = [];
  for await (const block of wholeLines(Readable.from(chunks))) blocks.push(block);
  return blocks;
}

test.each([1, 2, 3, 7, 1000])('lines are whole whatever the chunks, here of %i bytes', async (size) => {
  const rows: Values[] = [
    ['a\tb', null, '\\N'],
    ['', '€😀', 'x\ny'],
    ['\\', '\\\\', null],
  ];

  const read: Values[] = [];
  const reader = new CopyTextReader();
  const row = new Row(3);
  for (const block of await blocksOf(Buffer.from(copyText(rows)), size)) {
    expect(block.at(-1)).toBe(0x0a);
    reader.open(block);
    while (reader.next(row)) read.push([0, 1, 2].map((column) => (row.isNull(column) ? null : row.text(column))));
  }

  expect(read).toEqual(rows);
});

test('a last line without newline gets one, an empty stream has no block', async () => {
  expect(Buffer.concat(await blocksOf(Buffer.from('a\nb'), 1)).toString()).toBe('a\nb\n');
  expect(await blocksOf(Buffer.alloc(0), 1)).toEqual([]);
});
