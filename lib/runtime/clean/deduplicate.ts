import type { CleanFinishEvent, PartAnswer, Rule } from '../contract';
import { PermanentError } from '../shared/errors';
import { partUrl } from '../shared/manifest';
import { type Duplicates as Found, findDuplicates, type KeysOfPart } from './cross-part';
import { objectsOf, type PartObjects } from './part-objects';
import { withoutDuplicates } from './without-duplicates';

/** Time kept back to rewrite one part more, and to write the manifests. */
const MARGIN_MS = 60_000;

/** What tells a function how much time it has left. */
export interface RemainingTime {
  getRemainingTimeInMillis(): number;
}

/** The keys of all parts that have any. Where the rules want keys, a part with rows must have them. */
function keysOf(event: CleanFinishEvent, answers: readonly PartAnswer[]): KeysOfPart[] {
  const wanted = event.dataset.parts > 1 && event.rules.some((rule) => rule.rule === 'unique');
  return answers.flatMap((answer) => {
    if (answer.keys) return [{ ...answer.keys, part: answer.index, url: objectsOf(event, answer).keys, rows: answer.cleaned?.record_count ?? 0 }];
    if (!wanted || !answer.cleaned) return [];
    throw new PermanentError(
      'CorruptInput',
      `part ${answer.index} answers no keys, which the unique rule needs; drop the rule, or let the clean function write them`,
    );
  });
}

/** Whether the newest row of a key stays, and not the first. */
function isVersioned(rules: readonly Rule[]): boolean {
  return rules.some((rule) => rule.rule === 'unique' && rule.latest !== undefined);
}

/** A part with the objects that it is made of now. */
export interface FinishedPart {
  readonly objects: PartObjects;
  readonly deduplicated: number;
}

/** The rows that go because another row has their key, part by part. */
export function duplicatesIn(event: CleanFinishEvent, answers: readonly PartAnswer[]): AsyncGenerator<Found> {
  return findDuplicates(keysOf(event, answers), isVersioned(event.rules));
}

/**
 * Removes the rows whose key another row has that stays. A part that loses rows is written again under another key, so that the same call can be made
 * twice; the others stay as they are.
 */
export async function deduplicate(event: CleanFinishEvent, answers: readonly PartAnswer[], time: RemainingTime | undefined): Promise<FinishedPart[]> {
  const result = unchanged(event, answers);
  let rewritten = 0;
  for await (const { part, marks } of duplicatesIn(event, answers)) {
    if (time && time.getRemainingTimeInMillis() < MARGIN_MS) throw outOfTime(rewritten);
    const { objects, deduplicated } = result[part]!;
    const cleaned = await withoutDuplicates(objects.cleaned!, marks, partUrl(event.output, part, 'unique.jsonl.gz'));
    result[part] = { objects: { ...objects, cleaned }, deduplicated: deduplicated + marks.count };
    rewritten++;
  }
  return result;
}

/** The parts, some of them as they were rewritten. */
export function withRewritten(event: CleanFinishEvent, answers: readonly PartAnswer[], rewritten: readonly PartAnswer[]): FinishedPart[] {
  const result = unchanged(event, answers);
  for (const answer of rewritten) {
    const { objects, deduplicated } = result[answer.index]!;
    const { cleaned } = objectsOf(event, answer);
    result[answer.index] = { objects: { ...objects, cleaned }, deduplicated: deduplicated + answer.deduplicated };
  }
  return result;
}

function unchanged(event: CleanFinishEvent, answers: readonly PartAnswer[]): FinishedPart[] {
  return answers.map((answer) => ({ objects: objectsOf(event, answer), deduplicated: answer.deduplicated }));
}

function outOfTime(rewritten: number): PermanentError {
  return new PermanentError(
    'InvalidInput',
    `duplicates are in more parts than one function can rewrite in its time (${rewritten}); set fanOut: FanOut.DISTRIBUTED, which rewrites them side by side`,
  );
}
