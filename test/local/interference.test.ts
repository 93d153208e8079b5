import { type HistoryEvent, TaskError } from '../../lib/engine';
import { Bench } from './support';

jest.setTimeout(120_000);

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open('CREATE TABLE orders AS SELECT n AS id FROM generate_series(1, 10) n');
});
afterAll(() => bench?.close());

test('interference sees every event, every task and every request of a run, and may fail a task', async () => {
  const events: HistoryEvent[] = [];
  const requests = new Set<string>();
  let lost = false;
  const run = await bench.run(
    { extract: { table: 'orders' }, parquet: false },
    {
      interference: {
        onEvent: (event) => events.push(event),
        tasks: (tasks) => async (request) => {
          const result = await tasks(request);
          if (request.state !== 'Extract: Run' || lost) return result;
          lost = true;
          throw new TaskError('States.Timeout');
        },
        service: (name, service) => (message, response) => {
          requests.add(name);
          return service(message, response);
        },
      },
    },
  );
  expect(run).toMatchObject({ status: 'SUCCEEDED', counts: { loaded: 10 } });
  expect(run.states.find(({ name }) => name === 'Extract: Run')).toMatchObject({ attempts: 2 });
  expect([events[0]!.type, events.at(-1)!.type]).toEqual(['ExecutionStarted', 'ExecutionSucceeded']);
  expect([...requests].sort()).toEqual(['dynamodb', 's3', 'secretsmanager', 'states']);
});
