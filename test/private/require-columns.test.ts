import jsonata from 'jsonata';
import { requireColumns } from '../../lib/private/require-columns';

const evaluate = (expression: string, ...columns: { name: string; type: string }[]) => jsonata(expression).evaluate({}, { dataset: { columns } });
const id = { name: 'id', type: 'integer' };
const total = { name: 'total', type: 'decimal(12,2)' };

test('the value is given when the dataset has the columns, be they one or many', async () => {
  expect(await evaluate(requireColumns({ what: 'key column', names: ['id'] }, "'value'"), id)).toBe('value');
  expect(await evaluate(requireColumns({ what: 'key column', names: ['total', 'id'] }, "'value'"), id, total)).toBe('value');
});

test('no column asked for is no expression', () => {
  expect(requireColumns({ what: 'key column', names: [] }, "'value'")).toBe("'value'");
});

test('columns that are not there are named together, with those that are', async () => {
  const expression = requireColumns({ what: 'key column', names: ['nr', 'id', `o'"d;`] }, "'value'");
  await expect(evaluate(expression, id, total)).rejects.toMatchObject({
    code: 'D3137',
    message: `key column 'nr', 'o'"d;' is not in the dataset; its columns are 'id', 'total'`,
  });
});

test('a column of a type that does not do counts as missing', async () => {
  const only = { predicate: "type = 'integer'", called: 'integer' };
  const expression = requireColumns({ what: 'partition column', names: ['total'], only }, "'value'");
  await expect(evaluate(expression, id, total)).rejects.toMatchObject({
    message: "partition column 'total' is not in the dataset; its columns of type integer are 'id'",
  });
  await expect(evaluate(expression, total)).rejects.toMatchObject({
    message: "partition column 'total' is not in the dataset; its columns of type integer are ''",
  });
});
