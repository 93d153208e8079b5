import type { CleanedPart, CleanPartEvent, Dataset, ManifestEntry, RejectedRow } from '../contract';
import { PermanentError } from '../shared/errors';
import { partUrl, readManifest } from '../shared/manifest';
import { readBlocks } from './blocks';
import { type CompiledRules, compileRules, OVERLONG } from './compile';
import { CopyTextReader } from './copy-text';
import { JsonLinesReader } from './json-lines-reader';
import { KeyCollector } from './key-collector';
import { KeyHasher, VERSION_WORDS } from './key-hash';
import { PartWriter } from './part-writer';
import { Row } from './row';
import { RowEncoder, replaceInvalid } from './row-encoder';
import type { RowReader } from './row-reader';
import { validateRules } from './rules';

/**
 * Cleans one part of a dataset: streams it in, applies the rules, streams cleaned and rejected rows out. Nothing is answered, and by the manifest
 * nothing exists, before the part is read to its end and was what its manifest says.
 */
export async function cleanPart(event: CleanPartEvent): Promise<CleanedPart> {
  const { dataset, index } = event;
  validateRules(event.rules, dataset.columns);
  const entry = (await readManifest(dataset.manifest)).entries[index];
  if (!entry) throw new PermanentError('InvalidInput', `the dataset has no part ${index}; its manifest '${dataset.manifest}' ends before`);

  const cleaned = new PartWriter(partUrl(event.output, index, 'jsonl.gz'));
  const rejected = new PartWriter(partUrl(event.rejects, index, 'jsonl.gz'));
  const cleaner = new PartCleaner(event, entry, cleaned, rejected);
  try {
    for await (const block of readBlocks(entry)) {
      cleaner.clean(block);
      await cleaned.flush();
      await rejected.flush();
      await cleaner.flush();
    }
    return await cleaner.finish();
  } catch (error) {
    await Promise.all([cleaned, rejected, cleaner].map((target) => target.abort(error as Error)));
    throw error;
  }
}

/** Takes the rows of a part block by block. */
class PartCleaner {
  private readonly rules: CompiledRules;
  private readonly reader: RowReader;
  private readonly row: Row;
  private readonly encoder: RowEncoder;
  private readonly rejectEncoder: RowEncoder;
  private readonly hasher: KeyHasher;
  private readonly version = new Uint32Array(VERSION_WORDS);
  private readonly keys: KeyCollector | undefined;
  private line = 0;
  private deduplicated = 0;

  constructor(
    private readonly event: CleanPartEvent,
    private readonly entry: ManifestEntry,
    private readonly cleaned: PartWriter,
    private readonly rejected: PartWriter,
  ) {
    const { columns } = event.dataset;
    const names = columns.map((column) => column.name);
    this.rules = compileRules(event.rules, columns);
    this.reader = readerOf(event.dataset, names);
    this.row = new Row(columns.length);
    this.encoder = new RowEncoder(this.rules.columns);
    this.rejectEncoder = new RowEncoder(names.map((name, place) => ({ name, place })));
    this.hasher = new KeyHasher(this.rules.key);
    this.keys = this.rules.key.length > 0 ? this.collector() : undefined;
  }

  private collector(): KeyCollector {
    const { output, index, dataset } = this.event;
    return new KeyCollector({
      url: partUrl(output, index, 'keys'),
      rows: this.entry.meta.record_count,
      versioned: this.rules.version !== undefined,
      shared: dataset.parts > 1,
    });
  }

  clean(block: Buffer): void {
    const { row, reader, encoder } = this;
    const encode = (buffer: Buffer, at: number) => encoder.encode(row, buffer, at);
    reader.open(block);
    while (this.next()) {
      const reason = this.reject();
      if (reason) {
        if (reason.rule === OVERLONG && this.event.overlong === 'fail') throw this.tooLong(reason.column!);
        this.writeRejected(reason);
      } else if (this.isDuplicate()) {
        this.deduplicated++;
      } else {
        this.cleaned.line(encoder.bound(row), encode);
      }
    }
  }

  async flush(): Promise<void> {
    await this.keys?.flush();
  }

  async abort(error: Error): Promise<void> {
    await this.keys?.abort(error);
  }

  async finish(): Promise<CleanedPart> {
    const { event, entry } = this;
    if (this.line !== entry.meta.record_count) throw this.corrupt(`has ${this.line} rows, its manifest says ${entry.meta.record_count}`);
    const cleaned = await this.cleaned.close();
    const rejected = await this.rejected.close();
    const keys = await this.keys?.close();
    return { index: event.index, read: this.line, cleaned, rejected, keys, deduplicated: this.deduplicated };
  }

  private next(): boolean {
    try {
      if (!this.reader.next(this.row)) return false;
    } catch (error) {
      throw error instanceof PermanentError ? this.corrupt(`cannot be read at row ${this.line + 1}: ${error.message}`) : error;
    }
    this.line++;
    // here rather than at the end, because no more rows than these can be marked
    if (this.line > this.entry.meta.record_count) throw this.corrupt(`has more rows than the ${this.entry.meta.record_count} its manifest says`);
    return true;
  }

  private corrupt(what: string): PermanentError {
    return new PermanentError('CorruptInput', `'${this.entry.url}' ${what}; run the step that wrote it again`);
  }

  private tooLong(column: string): PermanentError {
    return new PermanentError(
      'TooManyRejects',
      `row ${this.line} of '${this.entry.url}' has a text of more bytes than column '${column}' holds, and such text fails the run; ` +
        'shorten it in the source, or set overlong to OverlongText.REJECT to go on without the row',
    );
  }

  private reject(): RejectedRow['reason'] | undefined {
    const fault = this.reader.fault(this.row);
    if (fault >= 0) return { rule: 'encoding', column: this.event.dataset.columns[fault]!.name };
    for (const step of this.rules.steps) if (!step.run(this.row)) return step.reason;
    return undefined;
  }

  private isDuplicate(): boolean {
    if (!this.keys) return false;
    this.hasher.update(this.row);
    this.rules.version?.(this.row, this.version);
    return !this.keys.keeps(this.hasher.hash, this.version);
  }

  private writeRejected(reason: RejectedRow['reason']): void {
    const { row, rejectEncoder: encoder } = this;
    this.reader.again(row);
    replaceInvalid(row);
    const head = `{"reason":${JSON.stringify(reason)},"part":${this.event.index},"line":${this.line},"row":`;
    this.rejected.line(encoder.bound(row) + head.length * 3 + 1, (buffer, at) => {
      const end = encoder.encode(row, buffer, at + buffer.write(head, at));
      buffer[end] = 0x7d;
      return end + 1;
    });
  }
}

function readerOf(dataset: Dataset, names: readonly string[]): RowReader {
  switch (dataset.format) {
    case 'copy-text':
      return new CopyTextReader();
    case 'jsonl':
      return new JsonLinesReader(names);
    case 'rejects':
      return JsonLinesReader.ofRejects(names);
    default:
      throw new PermanentError(
        'InvalidInput',
        `clean reads copy-text, jsonl or rejects, got ${dataset.format}; clean the dataset before it is converted`,
      );
  }
}
