import { machine, pass, run } from '../support';
import { distributedMap, echoing } from './support';

type Fields = Record<string, unknown>;

const batched = (ItemBatcher: Fields, input: unknown[], fields: Fields = {}) => run(echoing({ ItemBatcher, ...fields }), { input });

describe('batches', () => {
  test('hold so many items, the last one what is left', async () => {
    expect((await batched({ MaxItemsPerBatch: '{% 1 + 1 %}' }, [1, 2, 3, 4, 5])).output).toEqual([
      { Items: [1, 2] },
      { Items: [3, 4] },
      { Items: [5] },
    ]);
  });

  test('come with an input of their own', async () => {
    const execution = await batched({ MaxItemsPerBatch: 2, BatchInput: { count: '{% $count($states.input) %}' } }, [1, 2]);
    expect(execution.output).toEqual([{ BatchInput: { count: 2 }, Items: [1, 2] }]);
  });

  test('hold what the ItemSelector makes of the items', async () => {
    const execution = await batched({ MaxItemsPerBatch: 2 }, [1, 2], { ItemSelector: { v: '{% $states.context.Map.Item.Value %}' } });
    expect(execution.output).toEqual([{ Items: [{ v: 1 }, { v: 2 }] }]);
  });

  test('no items, no batch', async () => {
    expect((await batched({ MaxItemsPerBatch: 2 }, [])).output).toEqual([]);
  });

  test.each([
    // {"Items":["é","é"]} has 21 bytes.
    [21, [2, 2]],
    [20, [1, 1, 1, 1]],
    ['{% 26 %}', [3, 1]],
  ])('hold no more than %p bytes, counted as UTF-8', async (MaxInputBytesPerBatch, sizes) => {
    const { output } = await batched({ MaxInputBytesPerBatch }, ['é', 'é', 'é', 'é']);
    expect((output as { Items: unknown[] }[]).map(({ Items }) => Items.length)).toEqual(sizes);
  });

  test('their own input takes room too', async () => {
    const { output } = await batched({ MaxInputBytesPerBatch: 36, BatchInput: 1 }, ['é', 'é', 'é', 'é']);
    expect(output).toEqual([{ BatchInput: 1, Items: ['é', 'é'] }, expect.anything()]);
  });

  test('hold no more than a state can take', async () => {
    const ItemSelector = { big: '{% $pad("", 87400, "x") %}' };
    const Output = '{% $count($states.input.Items) %}';
    const definition = machine({ Each: distributedMap({ Do: pass({ Output }) }, { ItemBatcher: { MaxItemsPerBatch: 100 }, ItemSelector }) });
    expect((await run(definition, { input: [1, 2, 3] })).output).toEqual([2, 1]);
  });

  test('an item that fits into none is an error', async () => {
    const execution = await batched({ MaxInputBytesPerBatch: 20 }, ['x'.repeat(20)]);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    expect(execution.cause).toContain('an item of 22 bytes, which does not fit into a batch of 20 bytes');
  });
});
