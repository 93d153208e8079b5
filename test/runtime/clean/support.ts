import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type LocalAws, startAws } from '../../../lib/local/aws';
import { finish, part } from '../../../lib/runtime/clean';
import type {
  CleanedPart,
  CleanFinishEvent,
  CleanPartEvent,
  Column,
  Dataset,
  Format,
  Manifest,
  PartAnswer,
  RejectedRow,
  Rule,
} from '../../../lib/runtime/contract';
import { parseS3Url } from '../../../lib/runtime/shared/s3';

export type Values = (string | null)[];

const BUCKET = 'lake';
let datasets = 0;

/** `'id integer'`, `'name varchar(10) not null'`. */
export function columns(...texts: string[]): Column[] {
  return texts.map((text) => {
    const [, name, type, not] = /^(\S+) (.*?)( not null)?$/.exec(text)!;
    return { name: name!, type: type!, nullable: !not };
  });
}

export function copyText(rows: readonly Values[]): string {
  const escapes: Record<string, string> = { '\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't', '\v': 'v', '\\': '\\' };
  const field = (value: string | null) => (value === null ? '\\N' : value.replace(/[\b\f\n\r\t\v\\]/g, (character) => `\\${escapes[character]}`));
  return rows.map((row) => `${row.map(field).join('\t')}\n`).join('');
}

function jsonLines(names: readonly string[], rows: readonly Values[]): string {
  return rows.map((row) => `${JSON.stringify(Object.fromEntries(names.map((name, column) => [name, row[column]])))}\n`).join('');
}

/** What a clean step made of a dataset. */
export interface Outcome {
  readonly dataset: Dataset;
  readonly answers: readonly PartAnswer[];
  readonly rows: Values[];
  readonly rejects: RejectedRow[];
}

export interface Limits {
  maxRejected?: number;
  maxRejectedShare?: number;
}

/** An S3 on a folder, with the environment that leads the handlers to it. */
export class World {
  private constructor(
    private readonly folder: string,
    readonly aws: LocalAws,
  ) {}

  static async make(): Promise<World> {
    const folder = mkdtempSync(path.join(tmpdir(), 'clean-'));
    const aws = await startAws({ root: folder });
    aws.s3.createBucket(BUCKET);
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: aws.url,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_MAX_ATTEMPTS: '1',
    });
    return new World(folder, aws);
  }

  async close(): Promise<void> {
    await this.aws.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The file of an object. */
  file(url: string): string {
    const { bucket, key } = parseS3Url(url);
    return path.join(this.folder, 's3', bucket, key);
  }

  files(prefix: string): string[] {
    const folder = path.join(this.folder, 's3', BUCKET, prefix);
    return existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort() : [];
  }

  manifest(url: string): Manifest {
    return JSON.parse(readFileSync(this.file(url), 'utf8')) as Manifest;
  }

  put(url: string, body: string | Buffer): void {
    mkdirSync(path.dirname(this.file(url)), { recursive: true });
    writeFileSync(this.file(url), body);
  }

  /** A dataset of these rows, part by part. */
  given(of: readonly Column[], parts: readonly (readonly Values[])[], format: Format = 'copy-text'): Dataset {
    const names = of.map((column) => column.name);
    return this.givenTexts(
      of,
      parts.map((rows) => ({ text: format === 'jsonl' ? jsonLines(names, rows) : copyText(rows), records: rows.length })),
      format,
    );
  }

  givenTexts(of: readonly Column[], parts: readonly { text: string | Buffer; records: number }[], format: Format = 'copy-text'): Dataset {
    const prefix = `s3://${BUCKET}/orders/run-${++datasets}`;
    const entries = parts.map(({ text, records }, index) => {
      const url = `${prefix}/extract/part-${index}.gz`;
      const body = gzipSync(text);
      this.put(url, body);
      return { url, mandatory: true as const, meta: { content_length: body.length, record_count: records } };
    });
    const recordCount = parts.reduce((sum, { records }) => sum + records, 0);
    const manifest: Manifest = { entries, meta: { content_length: 0, record_count: recordCount }, format, schema: { elements: of } };
    this.put(`${prefix}/extract/manifest.json`, JSON.stringify(manifest));
    return {
      name: 'orders',
      manifest: `${prefix}/extract/manifest.json`,
      format,
      recordCount,
      parts: parts.length,
      columns: of,
      counts: { extracted: recordCount },
    };
  }

  prefix(dataset: Dataset): string {
    return path.dirname(path.dirname(parseS3Url(dataset.manifest).key));
  }

  partEvent(dataset: Dataset, rules: readonly Rule[], index: number): CleanPartEvent {
    const prefix = this.prefix(dataset);
    return {
      dataset,
      index,
      rules,
      output: { bucket: BUCKET, prefix: `${prefix}/clean/0` },
      rejects: { bucket: BUCKET, prefix: `${prefix}/rejects/0` },
    };
  }

  finishEvent(dataset: Dataset, rules: readonly Rule[], parts: readonly PartAnswer[], limits: Limits = {}): CleanFinishEvent {
    const { output, rejects } = this.partEvent(dataset, rules, 0);
    return { dataset, parts, rules, output, rejects, ...limits };
  }

  async cleanParts(dataset: Dataset, rules: readonly Rule[]): Promise<PartAnswer[]> {
    const answers: PartAnswer[] = [];
    for (let index = 0; index < dataset.parts; index++) answers.push(answerOf(await part(this.partEvent(dataset, rules, index))));
    return answers;
  }

  /** Runs the whole step. */
  async clean(dataset: Dataset, rules: readonly Rule[], limits: Limits = {}): Promise<Outcome> {
    const answers = await this.cleanParts(dataset, rules);
    const cleaned = await finish(this.finishEvent(dataset, rules, answers, limits));
    return { dataset: cleaned, answers, ...this.read(cleaned) };
  }

  /** The rows of a cleaned dataset and of its rejects; every entry of both manifests must be true. */
  read(cleaned: Dataset): { rows: Values[]; rejects: RejectedRow[] } {
    const names = cleaned.columns.map((column) => column.name);
    const rows = this.lines(cleaned.manifest).map((line) => {
      const row = JSON.parse(line) as Record<string, string | null>;
      expect(Object.keys(row)).toEqual(names);
      return names.map((name) => row[name]!);
    });
    return { rows, rejects: this.lines(cleaned.rejects!).map((line) => JSON.parse(line) as RejectedRow) };
  }

  lines(manifest: string): string[] {
    return this.manifest(manifest).entries.flatMap((entry) => {
      const body = readFileSync(this.file(entry.url));
      const lines = gunzipSync(body).toString('utf8').split('\n').slice(0, -1);
      expect(entry).toEqual({ url: entry.url, mandatory: true, meta: { content_length: body.length, record_count: lines.length } });
      return lines;
    });
  }
}

/** What the state machine makes of a part's answer. */
export function answerOf({ cleaned, rejected, ...rest }: CleanedPart): PartAnswer {
  return JSON.parse(JSON.stringify({ ...rest, attempt: '0', cleaned: cleaned?.meta, rejected: rejected?.meta })) as PartAnswer;
}

/** The error that a promise is rejected with. */
export async function failure(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => {
      throw new Error('expected a rejection');
    },
    (error: Error) => error,
  );
}
