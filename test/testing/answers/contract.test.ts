import { OrdersToRedshiftStack } from '../../../examples/orders-to-redshift/stack';
import { aslOf, fail, simulate } from '../../../lib/testing';
import { testApp } from '../../support/app';

const asl = JSON.stringify(aslOf(new OrdersToRedshiftStack(testApp(), 'Orders')));

/** The definition with one text of it replaced, wherever it stands. */
function broken(from: string | RegExp, to: string): object {
  const text = asl.replaceAll(from, to);
  expect(text).not.toBe(asl);
  return JSON.parse(text);
}

const CASES: [string, string | RegExp, string, RegExp][] = [
  ['an extraction without partBytes', /,"partBytes":\d+/g, '', /Payload\.partBytes is missing, but must be a whole number from 1/],
  [
    'an extraction with a field that nobody reads',
    '"partBytes"',
    '"partbytes":1,"partBytes"',
    /Payload\.partbytes is not known; the contract has name, table/,
  ],
  ['a location without a prefix', /"prefix":"[^"]*"/g, '"prefx":"x"', /Payload\.output\.prefix is missing, but must be a text/],
  [
    'an index that is a text',
    '"index":"{% $states.input %}"',
    '"index":"{% $string($states.input) %}"',
    /Payload\.index is "0", but must be a whole number/,
  ],
  ['an unknown rule', '"rule":"trim"', '"rule":"trimm"', /Payload\.rules\[0\]\.rule is "trimm", but must be one of trim/],
  [
    'the Parquet job reading what is not a manifest',
    '{% $dataset.manifest %}',
    '{% $dataset.name %}',
    /--source_manifest is .*sales\.orders.*, but must be s3:/,
  ],
  [
    'a manifest that nobody wrote',
    "'{% $dataset.manifest %}'".slice(1, -1),
    "{% $dataset.manifest & 'x' %}",
    /no step of this run wrote the manifest/,
  ],
  ['the object of another run', "'/dataset.json'", "'/other/dataset.json'", /The specified key does not exist/],
  [
    'a COPY of the wrong format',
    "$dataset.format = 'parquet' ? 'PARQUET'",
    "$dataset.format = 'parquet' ? 'JSON'",
    /COPY reads JSON, the manifest lists parquet/,
  ],
  [
    'a check of the wrong count',
    "COUNT(*) = ' & $string($dataset.recordCount)",
    "COUNT(*) = ' & $string($dataset.parts)",
    /count check failed: staged 1000 rows/,
  ],
  ['a batch without a token', '"ClientToken":"{% $states.input.token %}",', '', /Arguments\.ClientToken is missing/],
  ['a statement that does not exist', '{"Id":"{% $statement %}"}', '{"Id":"{% $statement & \'x\' %}"}', /Query does not exist/],
  [
    'a watermark moved without its condition',
    /"ConditionExpression":"\{%[^"]*"/g,
    '"ConditionExpression":"attribute_exists(dataset)"',
    /'SET watermark = :high.*needs .* one of its conditions/,
  ],
  ['an empty message', /"Message":"(?:[^"\\]|\\.)*"/g, '"Message":""', /Empty message/],
  ['a subject of two lines', /"Subject":"[^"]*"/g, '"Subject":"one\\ntwo"', /Subject must be fewer than 100/],
];

test.each(CASES)('%s fails the run', async (_, from, to, problem) => {
  const { status, cause } = await simulate(broken(from, to));
  expect(status).toBe('FAILED');
  expect(cause).toMatch(problem);
});

test.each(['Extract', 'Clean', 'Clean: Finish', 'Parquet'])(
  'tries of %s that write to the same place fail, because the first may still be alive',
  async (state) => {
    const same = broken('$string($states.context.State.RetryCount)', "'0'");
    const lost = { faults: [fail(state, { times: 1, afterWork: true })] };
    expect((await simulate(same)).status).toBe('SUCCEEDED');
    expect((await simulate(JSON.parse(asl), lost)).status).toBe('SUCCEEDED');
    expect((await simulate(same, lost)).cause).toMatch(/as an earlier try does that may still be alive; put RetryCount into the prefix/);
  },
);

test('a batch whose answer got lost is submitted again under its token, and runs once', async () => {
  const run = await simulate(JSON.parse(asl), { faults: [fail('Load', { times: 1, afterWork: true })], statements: ['fails'] });
  expect(run.status).toBe('SUCCEEDED');
  expect(run.attempts['Load: Submit']!.map(({ error }) => error)).toEqual(['Injected.Fault', undefined, undefined]);
  expect(run.attempts['Load: Transaction']).toHaveLength(2);
});
