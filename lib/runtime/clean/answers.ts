import type { CleanedPart, CleanFinishEvent } from '../contract';
import { list, PermanentError } from '../shared/errors';

/** What all parts together counted. */
export interface Totals {
  readonly cleaned: number;
  readonly rejected: number;
  readonly deduplicated: number;
}

/** The answers in the order of the dataset's parts. One that is missing, double or does not add up is an error: rows would be lost or counted twice. */
export function inOrder({ dataset, parts }: CleanFinishEvent): CleanedPart[] {
  const sorted = [...parts].sort((one, other) => one.index - other.index);
  const wrong = sorted.findIndex((part, index) => part.index !== index);
  if (sorted.length !== dataset.parts || wrong >= 0) {
    const indices = list(sorted.map((part) => String(part.index)));
    throw new PermanentError(
      'InvalidInput',
      `clean needs one answer for each of the ${dataset.parts} parts, got ${sorted.length} (${indices}); let every part answer its own index`,
    );
  }
  for (const part of sorted) checkSum(part);
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
export function totals(parts: readonly CleanedPart[]): Totals {
  return {
    cleaned: sum(parts, cleanedOf),
    rejected: sum(parts, rejectedOf),
    deduplicated: sum(parts, (part) => part.deduplicated),
  };
}

function checkSum(part: CleanedPart): void {
  if (part.read === cleanedOf(part) + rejectedOf(part) + part.deduplicated) return;
  const counts = `${cleanedOf(part)} cleaned, ${rejectedOf(part)} rejected and ${part.deduplicated} deduplicated`;
  throw new PermanentError('InvalidInput', `part ${part.index} read ${part.read} rows but answers ${counts}; count every row once`);
}

function cleanedOf(part: CleanedPart): number {
  return part.cleaned?.meta.record_count ?? 0;
}

function rejectedOf(part: CleanedPart): number {
  return part.rejected?.meta.record_count ?? 0;
}

function sum(parts: readonly CleanedPart[], of: (part: CleanedPart) => number): number {
  return parts.reduce((total, part) => total + of(part), 0);
}
