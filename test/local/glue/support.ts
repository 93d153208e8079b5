import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Column, ConvertedDataset, Manifest } from '../../../lib/runtime/contract';

/** A line of a part: a row in the order of the columns, or the text of the line itself. */
export type Line = readonly (string | null)[] | string;

/** Column of a test dataset, nullable unless told otherwise. */
export function column(name: string, type: string, nullable = true): Column {
  return { name, type, nullable };
}

/** A folder that stands for S3. */
export class Lake {
  readonly root = mkdtempSync(join(tmpdir(), 'lake-'));
  readonly resolveS3 = (url: string) => join(this.root, url.slice('s3://'.length));

  /** Writes a dataset of JSON Lines and answers the url of its manifest. */
  dataset(columns: readonly Column[], parts: readonly (readonly Line[])[], change: (manifest: Manifest) => unknown = (same) => same): string {
    const entries = parts.map((lines, index) => {
      const url = `s3://lake/in/part-${String(index).padStart(5, '0')}.jsonl.gz`;
      const text = lines.map((line) => (typeof line === 'string' ? line : toJson(columns, line))).map((line) => `${line}\n`);
      const bytes = gzipSync(text.join(''));
      this.put(url, bytes);
      return { url, mandatory: true as const, meta: { content_length: bytes.length, record_count: lines.length } };
    });
    const total = { content_length: 0, record_count: 0 };
    const manifest = change({ entries, meta: total, format: 'jsonl', schema: { elements: columns } });
    this.put('s3://lake/in/manifest.json', JSON.stringify(manifest));
    return 's3://lake/in/manifest.json';
  }

  put(url: string, content: string | Uint8Array): void {
    mkdirSync(dirname(this.resolveS3(url)), { recursive: true });
    writeFileSync(this.resolveS3(url), content);
  }

  readJson<T>(url: string): T {
    return JSON.parse(readFileSync(this.resolveS3(url), 'utf8')) as T;
  }

  /** What the job wrote, its lengths checked. */
  output(): { manifest: Manifest; dataset: ConvertedDataset } {
    const dataset = this.readJson<ConvertedDataset>('s3://lake/out/dataset.json');
    const manifest = this.readJson<Manifest>(dataset.manifest);
    for (const { url, meta } of manifest.entries) expect(statSync(this.resolveS3(url)).size).toBe(meta.content_length);
    return { manifest, dataset };
  }

  /** Keys below `out`. */
  keys(): string[] {
    const out = join(this.root, 'lake', 'out');
    return readdirSync(out, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(out, join(entry.parentPath, entry.name)))
      .sort();
  }

  /** Runs a query over the parts of the output; `parts` in it stands for them. */
  async query(sql: string): Promise<Record<string, unknown>[]> {
    const files = this.output().manifest.entries.map(({ url }) => `'${this.resolveS3(url).replaceAll("'", "''")}'`);
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    const result = await connection.runAndReadAll(
      sql.replaceAll('parts', `read_parquet([${files}], hive_partitioning = false)`).replaceAll('FILES', `[${files}]`),
    );
    connection.closeSync();
    instance.closeSync();
    return result.getRowObjectsJson();
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

function toJson(columns: readonly Column[], row: readonly (string | null)[]): string {
  const members = columns.map(({ name }, index) => `${JSON.stringify(name)}:${JSON.stringify(row[index])}`);
  return `{${members.join(',')}}`;
}
