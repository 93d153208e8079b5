import type { PartKeys } from '../contract';
import { KeySet } from './key-set';
import { encodeRows, encodeRun, KeysUpload } from './keys-file';
import { RowMarks } from './row-marks';

interface KeyCollectorOptions {
  /** Where the keys go. */
  readonly url: string;
  /** Rows that the part has at most. */
  readonly rows: number;
  /** Whether the newest version of a key is kept, and not its first row. */
  readonly versioned: boolean;
  /** Whether rows of other parts may have the same keys. */
  readonly shared: boolean;
  /** Keys held at a time. @default KeyCollector.RUN_KEYS */
  readonly runKeys?: number;
}

/**
 * The keys of the rows that a part keeps, in bounded memory: keys that are too many go out as a sorted run, and duplicates between runs are found as those
 * between parts are. Which rows of the part others supersede that were written after them goes out last.
 */
export class KeyCollector {
  /** Keys held at a time: some 6 MB. More of them make fewer runs to merge; what is garbage after each run counts as memory, too. */
  static readonly RUN_KEYS: number = 2 ** 17;

  private readonly keys: KeySet;
  private readonly superseded: RowMarks;
  private readonly runs: number[] = [];
  private readonly pending: Buffer[] = [];
  private upload: KeysUpload | undefined;
  private row = 0;

  constructor(private readonly options: KeyCollectorOptions) {
    const { rows, versioned, runKeys = KeyCollector.RUN_KEYS } = options;
    this.keys = new KeySet(Math.min(rows, runKeys), versioned);
    this.superseded = RowMarks.none(versioned ? rows : 0);
  }

  /** Whether a row is to be written, as the next of the part. One that is not has a key that is there already. */
  keeps(hash: Uint32Array, version: Uint32Array): boolean {
    const { keys } = this;
    const place = keys.find(hash);
    if (place < 0) {
      this.add(hash, version);
      return true;
    }
    if (!keys.versioned || keys.isNewer(place, version)) return false;
    this.superseded.mark(keys.row(place));
    keys.replace(place, this.row++, version);
    return true;
  }

  /** Hands on what was put down, as fast as it is taken. */
  async flush(): Promise<void> {
    if (this.pending.length === 0) return;
    this.upload ??= new KeysUpload(this.options.url);
    await this.upload.write(this.pending.splice(0));
  }

  /** Completes the object; undefined when nothing is left to be judged. */
  async close(): Promise<PartKeys | undefined> {
    const superseded = this.superseded.count;
    if (this.row === 0 || (!this.options.shared && this.runs.length === 0 && superseded === 0)) return undefined;
    this.spill();
    await this.flush();
    await this.upload!.write(encodeRows(this.superseded));
    await this.upload!.end();
    return { runs: this.runs, superseded };
  }

  async abort(error: Error): Promise<void> {
    await this.upload?.abort(error);
  }

  private add(hash: Uint32Array, version: Uint32Array): void {
    const { keys } = this;
    if (keys.size === keys.capacity) {
      this.spill();
      keys.find(hash);
    }
    keys.add(hash, this.row++, keys.versioned ? version : undefined);
  }

  private spill(): void {
    if (this.keys.size === 0) return;
    this.runs.push(this.keys.size);
    this.pending.push(...encodeRun(this.keys));
    this.keys.clear();
  }
}
