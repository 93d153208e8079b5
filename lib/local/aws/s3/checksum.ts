import { createHash, type Hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { AwsError, notEmulated } from '../error';

/** The additional checksums of S3 that this endpoint verifies. */
export const ALGORITHMS = ['CRC32', 'CRC32C', 'SHA1', 'SHA256'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** Checks an algorithm's name as it comes in headers (any case). */
export function algorithmOf(name: string): Algorithm {
  const algorithm = ALGORITHMS.find((known) => known === name.toUpperCase());
  if (algorithm) return algorithm;
  if (name.toUpperCase() === 'CRC64NVME') throw notEmulated(`the checksum CRC64NVME; use one of ${ALGORITHMS.join(', ')}`);
  throw new AwsError('InvalidRequest', `'${name}' is not a checksum algorithm; use one of ${ALGORITHMS.join(', ')}`);
}

const CASTAGNOLI = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value >>> 0;
});

function crc32c(chunk: Uint8Array, previous: number): number {
  let value = ~previous;
  for (const byte of chunk) value = CASTAGNOLI[(value ^ byte) & 0xff]! ^ (value >>> 8);
  return ~value >>> 0;
}

interface Running {
  update(chunk: Uint8Array): void;
  base64(): string;
}

function cyclic(next: (chunk: Uint8Array, previous: number) => number): Running {
  let value = 0;
  return {
    update(chunk) {
      value = next(chunk, value);
    },
    base64() {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes.toString('base64');
    },
  };
}

function hashed(hash: Hash): Running {
  return { update: (chunk) => void hash.update(chunk), base64: () => hash.digest('base64') };
}

const RUNNING: Record<Algorithm, () => Running> = {
  CRC32: () => cyclic(crc32),
  CRC32C: () => cyclic(crc32c),
  SHA1: () => hashed(createHash('sha1')),
  SHA256: () => hashed(createHash('sha256')),
};

/** Base64 checksums by algorithm. */
export type Checksums = Partial<Record<Algorithm, string>>;

/** Everything that is computed over the bytes of a body as they pass: the MD5 that ETags are made of, and the checksums asked for. */
export class Digest {
  private readonly hash = createHash('md5');
  private readonly running: ReadonlyMap<Algorithm, Running>;

  constructor(algorithms: readonly Algorithm[] = []) {
    this.running = new Map(algorithms.map((algorithm) => [algorithm, RUNNING[algorithm]()]));
  }

  update(chunk: Uint8Array): void {
    this.hash.update(chunk);
    for (const running of this.running.values()) running.update(chunk);
  }

  /** Ends the computation; a digest is used once. */
  end(): { readonly md5: Buffer; readonly checksums: Checksums } {
    const checksums: Checksums = {};
    for (const [algorithm, running] of this.running) checksums[algorithm] = running.base64();
    return { md5: this.hash.digest(), checksums };
  }
}

/** The checksum of checksums that S3 gives an object made of parts: `base64-N`. */
export function composite(algorithm: Algorithm, parts: readonly string[]): string {
  const running = RUNNING[algorithm]();
  for (const part of parts) running.update(Buffer.from(part, 'base64'));
  return `${running.base64()}-${parts.length}`;
}
