import { type ObjectLocation, TaskError, type TaskHandler } from '../../../lib/engine';
import { machine, pass, run, task, types } from '../support';
import { distributedMap, MemoryS3 } from './support';

type Fields = Record<string, unknown>;

const Resource = 'arn:aws:states:::s3:putObject';
const bad: TaskHandler = async ({ arguments: item }) => {
  if (item === 'bad') throw new TaskError('Bad', 'it was bad');
  return { got: item };
};

async function exported(input: unknown[], writer: Fields = {}, fields: Fields = {}, s3 = new MemoryS3()) {
  const ResultWriter = { Resource, Arguments: { Bucket: 'out', Prefix: '{% "jobs" %}' }, ...writer };
  const execution = await run(machine({ Each: distributedMap({ Do: task() }, { ResultWriter, ...fields }) }), { input, s3, tasks: bad });
  const manifest = [...s3.objects.keys()].find((key) => key.endsWith('/manifest.json'));
  return { execution, s3, folder: manifest?.replace(/\/manifest\.json$/, '') ?? '' };
}

describe('exported results', () => {
  test('are where the result of the Map says', async () => {
    const { execution, s3, folder } = await exported([1, 2]);
    const { mapRunArn } = execution.history[3]!.mapRunStartedEventDetails as { mapRunArn: string };
    const id = mapRunArn.split(':').at(-1);
    expect(folder).toBe(`out/jobs/${id}`);
    expect(execution.output).toEqual({ MapRunArn: mapRunArn, ResultWriterDetails: { Bucket: 'out', Key: `jobs/${id}/manifest.json` } });
    const Key = `jobs/${id}/SUCCEEDED_0.json`;
    expect(s3.json(`${folder}/manifest.json`)).toEqual({
      DestinationBucket: 'out',
      MapRunArn: mapRunArn,
      ResultFiles: { FAILED: [], PENDING: [], SUCCEEDED: [{ Key, Size: s3.objects.get(`out/${Key}`)!.length }] },
    });
  });

  test('tell all of each child execution', async () => {
    const { s3, folder } = await exported([1]);
    const name = expect.stringMatching(/^[0-9a-f-]{36}$/);
    expect(s3.json(`${folder}/SUCCEEDED_0.json`)).toEqual([
      {
        ExecutionArn: expect.stringMatching(/^arn:aws:states:us-east-1:123456789012:execution:orders\/items:[0-9a-f-]{36}$/),
        Input: '1',
        InputDetails: { Included: true },
        Name: name,
        Output: '{"got":1}',
        OutputDetails: { Included: true },
        RedriveCount: 0,
        RedriveStatus: 'NOT_REDRIVABLE',
        RedriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
        StartDate: '1970-01-01T00:00:00.000Z',
        StateMachineArn: 'arn:aws:states:us-east-1:123456789012:stateMachine:orders/items',
        Status: 'SUCCEEDED',
        StopDate: '1970-01-01T00:00:00.000Z',
      },
    ]);
  });

  test('keep those that failed apart', async () => {
    const { s3, folder } = await exported([1, 'bad'], {}, { ToleratedFailureCount: 1 });
    expect(s3.json(`${folder}/SUCCEEDED_0.json`)).toHaveLength(1);
    expect(s3.json(`${folder}/FAILED_0.json`)).toEqual([
      expect.objectContaining({ Status: 'FAILED', Error: 'Bad', Cause: 'it was bad', Input: '"bad"', RedriveStatus: 'REDRIVABLE' }),
    ]);
    expect((s3.json(`${folder}/FAILED_0.json`) as object[])[0]).not.toHaveProperty('Output');
    expect(s3.json(`${folder}/manifest.json`)).toMatchObject({ ResultFiles: { FAILED: [{ Key: expect.stringMatching(/FAILED_0\.json$/) }] } });
  });

  test('are there although the Map Run failed', async () => {
    const { execution, s3, folder } = await exported(['bad']);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
    expect(s3.json(`${folder}/FAILED_0.json`)).toHaveLength(1);
  });

  test('of no items are a manifest without files', async () => {
    const { s3, folder } = await exported([]);
    expect([...s3.objects.keys()]).toEqual([`${folder}/manifest.json`]);
  });

  test('go to the root of the bucket without a prefix, and below a prefix however it ends', async () => {
    expect((await exported([], { Arguments: { Bucket: 'out' } })).folder).toMatch(/^out\/[0-9a-f-]{36}$/);
    expect((await exported([], { Arguments: { Bucket: 'out', Prefix: 'a/b/' } })).folder).toMatch(/^out\/a\/b\/[0-9a-f-]{36}$/);
  });

  test.each([
    [{ Transformation: 'COMPACT' }, 'SUCCEEDED_0.json', '[{"got":[1,2]},{"got":3}]'],
    [{ Transformation: 'COMPACT', OutputType: 'JSONL' }, 'SUCCEEDED_0.jsonl', '{"got":[1,2]}\n{"got":3}\n'],
    [{ OutputType: 'JSON' }, 'SUCCEEDED_0.json', expect.stringContaining('ExecutionArn')],
  ])('are written as %j asks', async (WriterConfig, file, text) => {
    const { s3, folder } = await exported([[1, 2], 3], { WriterConfig });
    expect(s3.text(`${folder}/${file}`)).toEqual(text);
  });

  test('are as many as there are, however slowly S3 takes them', async () => {
    class SlowS3 extends MemoryS3 {
      override async putObject(object: ObjectLocation, body: AsyncIterable<Uint8Array>): Promise<void> {
        return super.putObject(object, slowly(body));
      }
    }
    const items = Array.from({ length: 300 }, (_, index) => ({ index, text: 'x'.repeat(300) }));
    const { s3, folder } = await exported(items, {}, {}, new SlowS3());
    const records = s3.json(`${folder}/SUCCEEDED_0.json`) as { Output: string }[];
    expect(records.map(({ Output }) => JSON.parse(Output).got)).toEqual(items);
  });

  test('hold the children back while S3 takes nothing', async () => {
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    class ShutS3 extends MemoryS3 {
      override async putObject(object: ObjectLocation, body: AsyncIterable<Uint8Array>): Promise<void> {
        await gate;
        return super.putObject(object, body);
      }
    }
    let asked = 0;
    const ResultWriter = { Resource, Arguments: { Bucket: 'out' } };
    const definition = machine({ Each: distributedMap({ Do: task() }, { ResultWriter, MaxConcurrency: 2 }) });
    const tasks: TaskHandler = async () => {
      asked += 1;
      return 'x'.repeat(1_000);
    };
    const running = run(definition, { s3: new ShutS3(), tasks, input: Array(200).fill(1) });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(asked).toBeLessThan(50);
    open();
    expect((await running).status).toBe('SUCCEEDED');
    expect(asked).toBe(200);
  });

  test('that are stored before their end fail the Map', async () => {
    class HastyS3 extends MemoryS3 {
      override async putObject(_object: ObjectLocation, body: AsyncIterable<Uint8Array>): Promise<void> {
        for await (const _ of body) break;
      }
    }
    const { execution } = await exported([1, 2, 3], {}, { MaxConcurrency: 1 }, new HastyS3());
    expect(execution).toMatchObject({ error: 'States.ResultWriterFailed', cause: expect.stringContaining('was stored before its end') });
  });

  test.each([
    ['putObject refuses', /SUCCEEDED/],
    ['the manifest is refused', /manifest/],
  ])('that cannot be written fail the Map: %s', async (_what, pattern) => {
    class FullS3 extends MemoryS3 {
      override async putObject(object: ObjectLocation, body: AsyncIterable<Uint8Array>): Promise<void> {
        if (pattern.test(object.Key)) throw new Error('Access Denied');
        return super.putObject(object, body);
      }
    }
    const { execution } = await exported([1, 2], {}, {}, new FullS3());
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.ResultWriterFailed', cause: 'Access Denied' });
    expect(types(execution)).toContain('MapRunFailed');
  });
});

describe('results that are not exported', () => {
  test.each([
    [undefined, [[1, 2], 3]],
    [{ Transformation: 'COMPACT' }, [[1, 2], 3]],
    [{ Transformation: 'FLATTEN' }, [1, 2, 3]],
    [{ Transformation: 'NONE', OutputType: 'JSON' }, [expect.objectContaining({ Output: '[1,2]' }), expect.objectContaining({ Output: '3' })]],
  ])('are formed as %j asks', async (WriterConfig, output) => {
    const fields = WriterConfig === undefined ? {} : { ResultWriter: { WriterConfig } };
    const execution = await run(machine({ Each: distributedMap({ Do: pass() }, fields) }), { input: [[1, 2], 3] });
    expect(execution.output).toEqual(output);
  });
});

async function* slowly(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const part of body) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    yield part;
  }
}
