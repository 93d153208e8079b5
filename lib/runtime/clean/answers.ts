import type { Dataset, ManifestEntry, PartAnswer } from '../contract';
import { list, PermanentError } from '../shared/errors';

/** What all parts together counted. */
export interface Totals {
  readonly cleaned: number;
  readonly rejected: number;
  readonly deduplicated: number;
}

/** The answers in the order of the dataset's parts. One that is missing, double or does not add up is an error: rows would be lost or counted twice. */
export function inOrder(dataset: Pick<Dataset, 'parts' | 'recordCount'>, parts: readonly PartAnswer[]): PartAnswer[] {
  const sorted = [...parts].sort((one, other) => one.index - other.index);
  const wrong = sorted.findIndex((part, index) => part.index !== index);
  if (sorted.length !== dataset.parts || wrong >= 0) {
    const indices = list(sorted.map((part) => String(part.index)));
    throw new PermanentError(
      'CorruptInput',
      `clean needs one answer for each of the ${dataset.parts} parts, got ${sorted.length} (${indices}); let every part answer its own index`,
    );
  }
  for (const part of sorted) checkAnswer(part);
  const read = sum(sorted, (part) => part.read);
  if (read !== dataset.recordCount) {
    throw new PermanentError(
      'CorruptInput',
      `the parts have ${read} rows, the dataset says ${dataset.recordCount}; run the step that wrote it again`,
    );
  }
  return sorted;
}

/** The totals of answers. */
export function totals(parts: readonly PartAnswer[]): Totals {
  return {
    cleaned: sum(parts, cleanedOf),
    rejected: sum(parts, rejectedOf),
    deduplicated: sum(parts, (part) => part.deduplicated),
  };
}

function checkAnswer(part: PartAnswer): void {
  const { index, read, deduplicated, cleaned, rejected } = part;
  const wrong = Object.entries({ read, deduplicated, ...countsOf('cleaned', cleaned), ...countsOf('rejected', rejected) }).find(
    ([, value]) => !Number.isSafeInteger(value) || value! < 0,
  );
  if (wrong) {
    throw new PermanentError(
      'CorruptInput',
      `part ${index} answers ${wrong[1] === undefined ? 'nothing' : 'no count'} as ${wrong[0]}; answer a whole number, 0 for none`,
    );
  }
  if (read === cleanedOf(part) + rejectedOf(part) + deduplicated) return;
  const counts = `${cleanedOf(part)} cleaned, ${rejectedOf(part)} rejected and ${deduplicated} deduplicated`;
  throw new PermanentError('CorruptInput', `part ${index} read ${read} rows but answers ${counts}; count every row once`);
}

function countsOf(name: string, meta: ManifestEntry['meta'] | undefined): Record<string, number | undefined> {
  if (!meta) return {};
  return { [`${name}.content_length`]: meta.content_length, [`${name}.record_count`]: meta.record_count };
}

function cleanedOf(part: PartAnswer): number {
  return part.cleaned?.record_count ?? 0;
}

function rejectedOf(part: PartAnswer): number {
  return part.rejected?.record_count ?? 0;
}

function sum(parts: readonly PartAnswer[], of: (part: PartAnswer) => number): number {
  return parts.reduce((total, part) => total + of(part), 0);
}
