import fc from 'fast-check';
import { Bench } from '../local/support';
import { Lake, SOURCE, WAYS, type Way } from './lake';
import { foldedName, quoteName, ROW_NUMBER, type TableCase, table } from './table';
import { TYPE_SETUP } from './types';

const CASES = Number(process.env.PROPERTY_CASES ?? 25);
const SEED = process.env.PROPERTY_SEED === undefined ? undefined : Number(process.env.PROPERTY_SEED);
const PATH = process.env.PROPERTY_PATH;

jest.setTimeout(60_000 + CASES * 10_000);

let bench: Bench;
let lake: Lake;
beforeAll(async () => {
  bench = await Bench.open(`SET TIME ZONE 'UTC'; CREATE SCHEMA cases; ${TYPE_SETUP}`);
  lake = await Lake.open(bench);
}, 120_000);
afterAll(async () => {
  await lake?.close();
  await bench?.close();
});

/** The column and rule by which a row must be rejected; undefined for a row that must be loaded. */
function reasonOf({ columns, rows }: TableCase, index: number): { rule: string; column: string } | undefined {
  const at = rows[index]!.findIndex((sample) => sample?.fault !== undefined);
  return at < 0 ? undefined : { rule: rows[index]![at]!.fault!, column: columns[at]!.name };
}

async function check(made: TableCase, way: Way): Promise<void> {
  const loaded = await lake.load(made, way);
  expect(loaded.cause).toBeUndefined();
  const numbers = made.rows.map((_, index) => index);
  const faulty = numbers.filter((index) => reasonOf(made, index) !== undefined);
  const whole = numbers.filter((index) => reasonOf(made, index) === undefined);

  const rejected = loaded.rejected.map(({ reason, row }) => [Number(row[ROW_NUMBER]), reason] as const).sort(([a], [b]) => a - b);
  expect(rejected).toEqual(faulty.map((index) => [index, reasonOf(made, index)]));
  expect(loaded.counts).toMatchObject({ extracted: numbers.length, cleaned: whole.length, rejected: faulty.length, loaded: whole.length });
  if (whole.length === 0) return;

  expect(loaded.columns!.map(({ name, type }) => [name, type])).toEqual([
    ...made.columns.map(({ name, type }) => [foldedName(name), type.target]),
    [ROW_NUMBER, 'integer'],
  ]);
  const neutral = made.columns.map(
    ({ name, type }, index) => `CASE WHEN ${quoteName(name)} IS NOT NULL THEN ${type.neutral(quoteName(name))} END AS c${index}`,
  );
  const source = await bench.sql(`SELECT ${neutral.join(', ')} FROM ${SOURCE} WHERE ${ROW_NUMBER} IN (${whole.join(', ')}) ORDER BY ${ROW_NUMBER}`);
  const warehouse = loaded.rows.map((row) => {
    const values = made.columns.map(({ type }, index) => [
      `c${index}`,
      row[`v${index}`] === null ? null : type.decode(row[`v${index}`], row[`b${index}`]),
    ]);
    return Object.fromEntries(values);
  });
  expect(loaded.rows.map((row) => row[`v${made.columns.length}`])).toEqual(whole);
  expect(warehouse).toEqual(source);
}

test(`every value of ${CASES} random tables is in the warehouse as it is in the source, or its row is rejected with the reason`, async () => {
  const property = fc.asyncProperty(table, fc.constantFrom(...WAYS), check);
  const result = await fc.check(property, {
    numRuns: CASES,
    ...(SEED !== undefined && { seed: SEED }),
    path: PATH,
    endOnFailure: !process.env.PROPERTY_SHRINK,
  });
  if (!result.failed) return;
  const { seed, counterexamplePath } = result;
  const repeat = `npm run -s test:property -- --seed ${seed} --path ${counterexamplePath}`;
  throw new Error(`seed ${seed}; to repeat only this case: ${repeat}\n${await fc.asyncDefaultReportMessage(result)}`);
});
