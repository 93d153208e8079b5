import { decodeChunked } from '../../../../lib/local/aws/s3/chunked';

async function* pieces(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function decode(text: string, length: number, size = text.length): Promise<{ body: string; trailers: Record<string, string> }> {
  const trailers = new Map<string, string>();
  const chunks: Buffer[] = [];
  for await (const chunk of decodeChunked(pieces(text, size), length, trailers)) chunks.push(Buffer.from(chunk));
  return { body: Buffer.concat(chunks).toString('latin1'), trailers: Object.fromEntries(trailers) };
}

const SIGNED = '5;chunk-signature=ab\r\nhello\r\n3;chunk-signature=cd\r\n\r\n!\r\n0;chunk-signature=ef\r\n\r\n';
const WITH_TRAILER = 'A\r\n0123456789\r\n0\r\nX-Amz-Checksum-Crc32: abc=\r\nx-amz-trailer-signature:sig\r\n\r\n';

test.each([1, 2, 3, 7, 1000])('is the same however the network cuts it: pieces of %d bytes', async (size) => {
  expect(await decode(SIGNED, 8, size)).toEqual({ body: 'hello\r\n!', trailers: {} });
  expect(await decode(WITH_TRAILER, 10, size)).toEqual({
    body: '0123456789',
    trailers: { 'x-amz-checksum-crc32': 'abc=', 'x-amz-trailer-signature': 'sig' },
  });
});

test('an empty body is one last chunk', async () => {
  expect(await decode('0\r\n\r\n', 0)).toEqual({ body: '', trailers: {} });
});

test.each([
  ['ends within a chunk', '5\r\nhel', 5, 'IncompleteBody'],
  ['ends before the last chunk', '5\r\nhello\r\n', 5, 'IncompleteBody'],
  ['ends before the trailers do', '5\r\nhello\r\n0\r\n', 5, 'IncompleteBody'],
  ['has a chunk without a size', 'hello', 5, 'IncompleteBody'],
  ['has a size that is not hexadecimal', '5x\r\nhello\r\n0\r\n\r\n', 5, 'IncompleteBody'],
  ['has a chunk that is longer than its size', '4\r\nhello\r\n0\r\n\r\n', 5, 'IncompleteBody'],
  ['is shorter than announced', '5\r\nhello\r\n0\r\n\r\n', 6, 'IncompleteBody'],
  ['is longer than announced', '5\r\nhello\r\n0\r\n\r\n', 4, 'IncompleteBody'],
  ['has a chunk header without an end', 'a'.repeat(20_000), 5, 'IncompleteBody'],
  ['has a trailer without a colon', '0\r\nnonsense\r\n\r\n', 0, 'MalformedTrailerError'],
])('is refused when it %s', async (_, text, length, code) => {
  await expect(decode(text, length, 4096)).rejects.toMatchObject({ code });
});
