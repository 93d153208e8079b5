import type { Clock } from '../clock';
import type { ReaderConfig } from '../definition';
import type { MapItem } from '../frame';
import type { ObjectLocation, S3 } from '../s3';
import { inFlight, linesOf, textOf } from './bytes';
import { CsvParser } from './csv';

const DELIMITERS = { COMMA: ',', PIPE: '|', SEMICOLON: ';', SPACE: ' ', TAB: '\t' } as const;

/** Reads the items of a Distributed Map from S3, one after the other. What it throws says why the items cannot be read. */
export class Reader {
  constructor(
    private readonly s3: S3,
    private readonly clock: Clock,
    private readonly config: ReaderConfig,
  ) {}

  /** The objects below a prefix, each an item. */
  async *objects({ Bucket, Prefix }: { Bucket: string; Prefix?: string }): AsyncGenerator<Omit<MapItem, 'Index'>> {
    for await (const object of inFlight(this.s3.listObjects({ Bucket, Prefix }), this.clock)) yield { Value: object, Source: `S3://${Bucket}` };
  }

  /** The items in an object. */
  async *object(object: ObjectLocation): AsyncGenerator<Omit<MapItem, 'Index'>> {
    const Source = `S3://${object.Bucket}/${object.Key}`;
    for await (const Value of this.valuesIn(object)) yield { Value, Source };
  }

  private valuesIn(object: ObjectLocation): AsyncGenerator<unknown> {
    switch (this.config.InputType!) {
      case 'CSV':
        return this.csv(object, this.config.CSVHeaderLocation === 'GIVEN' ? this.config.CSVHeaders : undefined);
      case 'JSON':
        return this.json(object);
      case 'JSONL':
        return this.jsonLines(object);
      case 'MANIFEST':
        return this.inventory(object);
    }
  }

  private async *json(object: ObjectLocation): AsyncGenerator<unknown> {
    const { ItemsPointer = '' } = this.config;
    const found = resolve(await this.whole(object), ItemsPointer);
    if (!Array.isArray(found)) throw new Error('Attempting to map over non-iterable node.');
    yield* found;
  }

  private async *jsonLines(object: ObjectLocation): AsyncGenerator<unknown> {
    let number = 0;
    for await (const line of linesOf(textOf(this.s3, object, this.clock))) {
      number += 1;
      if (line.trim() !== '') yield parsed(line, `line ${number} of the object '${object.Key}'`);
    }
  }

  /** Each row as an object of strings. Without headers, the first row holds them. */
  private async *csv(object: ObjectLocation, given?: readonly string[]): AsyncGenerator<unknown> {
    let headers = given && unique(given);
    for await (const row of this.rows(object)) {
      if (headers === undefined) headers = unique(row);
      else yield Object.fromEntries(headers.map((header, index) => [header, row[index] ?? '']));
    }
  }

  private async *rows(object: ObjectLocation): AsyncGenerator<string[]> {
    const parser = new CsvParser(DELIMITERS[this.config.CSVDelimiter ?? 'COMMA']);
    for await (const text of textOf(this.s3, object, this.clock)) yield* parser.push(text);
    yield* parser.end();
  }

  /** The objects that an S3 inventory tells of: its manifest names zipped CSV files without headers. */
  private async *inventory(object: ObjectLocation): AsyncGenerator<unknown> {
    const { fileFormat, fileSchema, destinationBucket, files } = (await this.whole(object)) as Inventory;
    if (fileFormat !== 'CSV') throw new Error(`the inventory's files are in the format ${JSON.stringify(fileFormat)}, but must be CSV`);
    const headers = fileSchema.split(',').map((header) => header.trim());
    const Bucket = destinationBucket.replace(/^arn:[^:]+:s3:::/, '');
    for (const { key } of files) yield* this.csv({ Bucket, Key: key }, headers);
  }

  private async whole(object: ObjectLocation): Promise<unknown> {
    let text = '';
    for await (const piece of textOf(this.s3, object, this.clock)) text += piece;
    return parsed(text, `the object '${object.Key}'`);
  }
}

interface Inventory {
  readonly fileFormat: string;
  readonly fileSchema: string;
  readonly destinationBucket: string;
  readonly files: readonly { readonly key: string }[];
}

function unique(headers: readonly string[]): readonly string[] {
  if (new Set(headers).size < headers.length) throw new Error('CSV headers cannot contain duplicates.');
  return headers;
}

/** What a JSON pointer (RFC 6901) points at. */
function resolve(value: unknown, pointer: string): unknown {
  const keys = pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  return keys.reduce<unknown>((at, key) => (at as Record<string, unknown> | null | undefined)?.[key], value);
}

/** JSON's own message would show what is in the data. */
function parsed(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${what} is not valid JSON`);
  }
}
