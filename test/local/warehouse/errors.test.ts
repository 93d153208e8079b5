import { redshiftMessage, SqlError } from '../../../lib/local/warehouse/errors';

describe('what DuckDB says', () => {
  test.each([
    [
      'IO Error: Could not write file "/home/me/warehouse.duckdb": No space left on device',
      'Disk full: the local warehouse cannot write; free space',
    ],
    ['TransactionContext Error: Catalog write-write conflict on alter with "t"', '1023 DETAIL: Serializable isolation violation on table'],
    ['IO Error: Cannot open file "/home/me/part-0": Permission denied', 'the local warehouse failed (IO error)'],
    ['Something else about canary', 'the local warehouse failed (unknown error)'],
  ])('%s comes out as Redshift would say it, without paths and values', (message, text) => {
    const told = redshiftMessage(new Error(message), []);
    expect(told).toContain(text);
    expect(told).not.toMatch(/home|canary/);
  });
});

test('its own errors come out as they are', () => {
  expect(redshiftMessage(new SqlError('relation "t" does not exist'), [])).toBe('relation "t" does not exist');
});
