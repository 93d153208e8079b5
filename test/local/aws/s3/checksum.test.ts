import { algorithmOf, composite, Digest } from '../../../../lib/local/aws/s3/checksum';

// The check values of the CRC catalogue for the text 123456789; the hashes are those that sha1sum and sha256sum print.
const KNOWN = {
  CRC32: Buffer.from('cbf43926', 'hex').toString('base64'),
  CRC32C: Buffer.from('e3069283', 'hex').toString('base64'),
  SHA1: Buffer.from('f7c3bc1d808e04732adf679965ccc34ca7ae3441', 'hex').toString('base64'),
  SHA256: Buffer.from('15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225', 'hex').toString('base64'),
};

test.each(['CRC32', 'CRC32C', 'SHA1', 'SHA256'] as const)('%s of a body in pieces is the published check value', (algorithm) => {
  const digest = new Digest([algorithm]);
  for (const piece of ['1234', '', '56789']) digest.update(Buffer.from(piece));
  expect(digest.end().checksums).toEqual({ [algorithm]: KNOWN[algorithm] });
});

test('the MD5 is always there', () => {
  const digest = new Digest();
  digest.update(Buffer.from('123456789'));
  expect(digest.end().md5.toString('hex')).toBe('25f9e794323b453885f5181f1b624d0b');
});

test('a composite checksum is that of the bytes of the parts, with their number', () => {
  const digest = new Digest(['CRC32']);
  digest.update(Buffer.from('cbf43926cbf43926', 'hex'));
  expect(composite('CRC32', [KNOWN.CRC32, KNOWN.CRC32])).toBe(`${digest.end().checksums.CRC32}-2`);
});

test('names are taken in any case, and others are refused with those that there are', () => {
  expect(algorithmOf('crc32c')).toBe('CRC32C');
  expect(() => algorithmOf('crc64nvme')).toThrow('does not emulate the checksum CRC64NVME; use one of CRC32, CRC32C, SHA1, SHA256');
  expect(() => algorithmOf('md4')).toThrow("'md4' is not a checksum algorithm; use one of CRC32, CRC32C, SHA1, SHA256");
});
