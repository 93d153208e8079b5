import { rmSync } from 'node:fs';
import { finish } from '../../../lib/runtime/clean';
import type { PartAnswer } from '../../../lib/runtime/contract';
import { columns, failure, World } from './support';

let world: World;
beforeAll(async () => {
  world = await World.make();
});
afterAll(() => world.close());

const of = columns('id integer', 'name varchar(20)');

/** The error of finishing two parts, the first with a rejected row, after something is changed. */
async function finishing(change: (answers: PartAnswer[], file: (name: string) => string) => unknown): Promise<Error> {
  const source = world.given(of, [
    [
      ['1', 'a'],
      ['x', 'a'],
    ],
    [['2', 'b']],
  ]);
  const answers = structuredClone(await world.cleanParts(source, [])) as PartAnswer[];
  change(answers, (name) => world.file(`s3://lake/${world.prefix(source)}/${name}`));
  return failure(finish(world.finishEvent(source, [], answers)));
}

const set = (answers: PartAnswer[], changes: object) => answers.splice(0, 1, { ...answers[0]!, ...changes });

test.each<[string, Parameters<typeof finishing>[0], string]>([
  ['a length that is not so', (answers) => set(answers, { cleaned: { content_length: 7, record_count: 1 } }), "answered 7 bytes for 's3://lake/"],
  [
    'rows it did not write',
    (_, file) => rmSync(file('clean/0/part-00000.jsonl.gz')),
    "part-00000.jsonl.gz', which does not exist; let it write there",
  ],
  ['rejects it did not write', (_, file) => rmSync(file('rejects/0/part-00000.jsonl.gz')), 'which does not exist'],
  ['an attempt that wrote nothing', (answers) => set(answers, { attempt: '1' }), "/clean/1/part-00000.jsonl.gz', which does not exist"],
  ['more rows than it read', (answers) => set(answers, { read: 1 }), 'part 0 read 1 rows but answers 1 cleaned, 1 rejected and 0 deduplicated'],
  ['nothing', (answers) => answers.splice(0, 1, { index: 0, attempt: '0' } as PartAnswer), 'part 0 answers nothing as read'],
  ['half a row', (answers) => set(answers, { deduplicated: 0.5 }), 'part 0 answers no count as deduplicated'],
  ['text as length', (answers) => set(answers, { cleaned: { content_length: '7', record_count: 1 } }), 'no count as cleaned.content_length'],
])('a function that answers %s fails as corrupt, not as its rows go missing', async (_, change, message) => {
  expect(await finishing(change)).toMatchObject({ name: 'CorruptInput', message: expect.stringContaining(message) });
});
