import { dirname, relative } from 'node:path';
import type { Counts } from '../../runtime/contract';
import { objectFile, paths } from '../paths';
import type { LocalRun, Message } from '../run';
import { count, counted, duration, type Paint, table } from './text';

/** What the report tells besides the run itself. */
export interface Findings {
  readonly out: string;
  /** Waits and retries took no real time. */
  readonly virtual: boolean;
  readonly rejects: readonly (readonly [reason: string, rows: number])[];
  /** The loaded table, if there is one: its name, how many rows it has and the first of them. */
  readonly loaded?: { readonly table: string; readonly rows: number; readonly sample: readonly Readonly<Record<string, unknown>>[] };
  /** What to type to run again on the same folder. */
  readonly again: string;
}

const WIDTH = 100;
const COUNTS: readonly (keyof Counts)[] = ['extracted', 'cleaned', 'rejected', 'deduplicated', 'converted', 'loaded'];

/** The lines that end a run, for people. */
export function report(run: LocalRun, findings: Findings, paint: Paint): string {
  const succeeded = run.status === 'SUCCEEDED';
  const head = `${paint(['bold', succeeded ? 'green' : 'red'], run.status)} after ${duration(run.ms)}${findings.virtual ? ' of virtual time' : ''}, ${counted(run.transitions, 'state transition')}`;
  const sections = [
    section(paint, 'Dry run, nothing was written', planLines(run.output)),
    section(paint, 'Counts', countLines(run.counts, findings.rejects)),
    succeeded ? [] : section(paint, 'Alert, as it was sent', run.alerts.flatMap(messageLines)),
    section(paint, loadedTitle(findings), findings.loaded ? table(findings.loaded.sample, WIDTH) : []),
    succeeded
      ? section(
          paint,
          'Told the team',
          run.notifications.map(({ subject }) => subject ?? '(no subject)'),
        )
      : [],
    section(paint, `Where it lies: ${findings.out}`, placeLines(run, findings)),
    section(paint, succeeded ? 'Run again' : 'What next', nextLines(run, findings)),
  ];
  return ['', `  ${head}`, ...sections.flat(), ''].join('\n');
}

function section(paint: Paint, title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `  ${paint('bold', title)}`, ...lines.map((line) => `    ${line}`)];
}

function countLines(counts: Counts, rejects: Findings['rejects']): string[] {
  const known = COUNTS.filter((name) => counts[name] !== undefined);
  const width = Math.max(0, ...known.map((name) => count(counts[name]!).length));
  return known.flatMap((name) => [
    `${name.padEnd(14)}${count(counts[name]!).padStart(width)}`,
    ...(name === 'rejected' ? rejects.map(([reason, rows]) => `  ${count(rows).padStart(width + 12)}  ${reason}`) : []),
  ]);
}

function loadedTitle({ loaded }: Findings): string {
  if (!loaded) return '';
  return `${loaded.table}, the first ${loaded.sample.length} of ${counted(loaded.rows, 'row')}`;
}

function messageLines({ subject, message }: Message): string[] {
  return [...(subject === null ? [] : [subject, '']), ...(fieldLines(message) ?? message.split('\n'))];
}

/** What EventBridge sends is one line of JSON. */
function fieldLines(message: string): string[] | undefined {
  if (!message.startsWith('{')) return undefined;
  return Object.entries(JSON.parse(message) as object).map(([name, value]) => `${name}: ${value}`);
}

function placeLines({ dataset }: LocalRun, { out, loaded }: Findings): string[] {
  const { warehouse, history, messages } = paths(out);
  const place = (name: string, path: string, hint = '') => `${name.padEnd(11)}${relative(out, path)}${hint}`;
  const folder = (url: string) => dirname(objectFile(out, url));
  return [
    ...(dataset?.format === 'parquet' ? [place('parquet', folder(dataset.manifest))] : []),
    ...(dataset?.rejects === undefined || !dataset.counts.rejected ? [] : [place('rejects', folder(dataset.rejects), ', each row with its reason')]),
    ...(loaded ? [place('warehouse', warehouse, `, open it with: duckdb ${warehouse}`)] : []),
    place('history', history),
    place('messages', messages),
  ];
}

interface Plan {
  readonly dryRun: true;
  readonly dataset: string;
  readonly rows: number;
  readonly columns: readonly { readonly name: string }[];
  readonly window?: { readonly column: string; readonly low: string | null; readonly high: string };
  readonly watermark?: string | null;
  readonly steps: readonly string[];
}

/** What a dry run answered; undefined for any other run. */
export function planOf(output: unknown): Plan | undefined {
  return (output as { dryRun?: unknown } | undefined)?.dryRun === true ? (output as Plan) : undefined;
}

function planLines(output: unknown): string[] {
  const plan = planOf(output);
  if (!plan) return [];
  const { dataset, rows, columns, window, watermark, steps } = plan;
  return [
    `${'dataset'.padEnd(11)}${dataset}, ${counted(rows, 'row')}, ${counted(columns.length, 'column')}`,
    ...(window ? [`${'window'.padEnd(11)}${window.column} from ${window.low ?? 'the beginning'} to ${window.high}, the end not included`] : []),
    ...(watermark === undefined ? [] : [`${'watermark'.padEnd(11)}${watermark ?? 'none yet'}`]),
    `${'steps'.padEnd(11)}${steps.join(' -> ')}`,
  ];
}

function nextLines({ status, error, counts, alerts, runId }: LocalRun, { again }: Findings): string[] {
  if (status === 'SUCCEEDED') {
    return [
      again,
      ...(counts.loaded === 0 && !counts.rejected ? ['nothing was new; leave --out away to start from nothing'] : []),
      ...(counts.rejected ? ['or, once a rule is mended, clean the rejected rows again:', `${again} --replay-rejects ${runId}`] : []),
    ];
  }
  return [
    `${error ?? status}: mend the cause, then run again; it goes on with the same warehouse and watermark, and every step may safely run twice:`,
    again,
    ...(alerts.some(({ message }) => message.includes('{"resume"')) ? ['or go on where it failed:', `${again} --resume ${runId}`] : []),
  ];
}
