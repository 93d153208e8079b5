import { distributedMap } from './distributed/support';
import { machine, pass, program, run } from './support';

/** 40 variables that `$bytes` makes of so many bytes each. */
const MEBIBYTE_PARTS = 40;
const PART = 262_144;

/** States that assign one variable after the other; a string's quotes count too. */
function filling(bytes: number[], last: Record<string, unknown> = pass()): Record<string, Record<string, unknown>> {
  const states = bytes.map((size, index) => [
    `S${index}`,
    pass({ Assign: { [`v${index}`]: `{% $pad("", ${size - 2}, "x") %}` }, Next: index + 1 < bytes.length ? `S${index + 1}` : 'Last' }),
  ]);
  return Object.fromEntries([...states, ['Last', last]]);
}

const full = Array<number>(MEBIBYTE_PARTS).fill(PART);

describe('the variables of an execution', () => {
  test('may have 10 MiB together', async () => {
    expect((await run(machine(filling(full)))).status).toBe('SUCCEEDED');
  });

  test('may not have a byte more, and no catch-all takes it', async () => {
    const over = await run(machine(filling(full, pass({ Assign: { w: 1 } }))));
    expect(over).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    expect(over.cause).toContain('10485760');
  });

  test('that are assigned anew count once', async () => {
    const again = pass({ Assign: { v3: 1 }, Next: 'Again' });
    const Again = pass({ Assign: { v3: `{% $pad("", ${PART - 2}, "y") %}` } });
    expect((await run(machine({ ...filling(full, again), Again }))).status).toBe('SUCCEEDED');
  });

  test('count in UTF-8', async () => {
    const states = filling(full.slice(1), pass({ Assign: { w: `{% $pad("", ${PART / 2}, "é") %}` } }));
    expect((await run(machine(states))).error).toBe('States.DataLimitExceeded');
  });

  test('of a branch that is over take no room', async () => {
    const Fill = (End: object) => ({ Type: 'Parallel', Branches: [program(filling(full.slice(0, 30)))], ...End });
    expect((await run(machine({ One: Fill({ Next: 'Two' }), Two: Fill({ End: true }) }))).status).toBe('SUCCEEDED');
  });

  test('of branches that failed and are tried again take no room', async () => {
    const branch = program(filling(full.slice(0, 30), { Type: 'Fail', Error: 'No' }));
    const Retry = [{ ErrorEquals: ['No'], MaxAttempts: 3 }];
    expect((await run(machine({ One: { Type: 'Parallel', Branches: [branch], Retry, End: true } }))).error).toBe('No');
  });

  test('of branches side by side count together', async () => {
    const Wait = { Type: 'Wait', Seconds: 1, End: true };
    const Branches = [program(filling(full.slice(0, 21), Wait)), program(filling(full.slice(0, 21), Wait))];
    expect((await run(machine({ Both: { Type: 'Parallel', Branches, End: true } }))).error).toBe('States.DataLimitExceeded');
  });

  test('of children of a Distributed Map count for each child', async () => {
    const states = filling(full.slice(0, 21), { Type: 'Wait', Seconds: 1, Output: 1, End: true });
    expect((await run(machine({ Each: distributedMap(states) }), { input: [1, 2] })).output).toEqual([1, 1]);
  });
});
