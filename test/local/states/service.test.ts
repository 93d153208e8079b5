import { definition, pass, ROLE, startTestStates, type TestStates } from './support';

let states: TestStates;
beforeAll(async () => {
  states = await startTestStates();
});
afterAll(() => states.close());

const machine = { name: 'orders', definition: definition({ A: pass() }), roleArn: ROLE };

test('answers AWS JSON 1.0, with times as seconds', async () => {
  const before = Math.floor(Date.now()) / 1000;
  const { status, type, body } = await states.post('CreateStateMachine', JSON.stringify(machine));
  expect([status, type]).toEqual([200, 'application/x-amz-json-1.0']);
  expect(Object.keys(body).sort()).toEqual(['creationDate', 'stateMachineArn']);
  expect(body.creationDate).toBeGreaterThanOrEqual(before);
  expect(body.creationDate).toBeLessThan(before + 60);
});

test('answers errors as the service does', async () => {
  const { status, type, body } = await states.post('DescribeStateMachine', '{"stateMachineArn":"x"}');
  expect([status, type]).toEqual([400, 'application/x-amz-json-1.0']);
  expect(body).toEqual({ __type: 'InvalidArn', message: "Invalid Arn: 'Invalid ARN prefix: x'" });
});

test.each(['CreateActivity', 'constructor', 'NoSuchThing'])('does not know the operation %s, and says what it knows', async (operation) => {
  const { status, body } = await states.post(operation, '{}');
  expect([status, body.__type]).toEqual([400, 'UnknownOperationException']);
  expect(body.message).toContain(`no operation '${operation}'; it has: CreateStateMachine, UpdateStateMachine,`);
});

test('refuses fields that it does not honour, all by name', async () => {
  const { status, body } = await states.post('CreateStateMachine', JSON.stringify({ ...machine, publish: true, tags: [] }));
  expect([status, body.__type]).toEqual([501, 'NotImplemented']);
  expect(body.message).toContain("'publish', 'tags' in CreateStateMachine, which here takes: name, definition, roleArn, type");
});

test.each([
  ['what is not JSON', '{', 'SerializationException', 'the request is not a JSON object'],
  ['what is no object', '[]', 'SerializationException', 'the request is not a JSON object'],
  ['a number for a text', '{"stateMachineArn":1}', 'SerializationException', 'a value of type number cannot be converted to string'],
  ['a text for a number', '{"maxResults":"1"}', 'SerializationException', 'a value of type string cannot be converted to integer'],
  ['a missing field', '{}', 'ValidationException', "Value null at 'stateMachineArn' failed to satisfy constraint: Member must not be null"],
  ['a null', '{"stateMachineArn":null}', 'ValidationException', "Value null at 'stateMachineArn'"],
  ['an empty ARN', '{"stateMachineArn":""}', 'ValidationException', 'Member must have length greater than or equal to 1'],
  [
    'an unknown status',
    '{"stateMachineArn":"arn:x","statusFilter":"ended"}',
    'ValidationException',
    'must satisfy enum value set: [RUNNING, SUCCEEDED,',
  ],
  ['too large a page', '{"stateMachineArn":"arn:x","maxResults":1001}', 'ValidationException', 'Member must have value less than or equal to 1000'],
  ['a negative page', '{"stateMachineArn":"arn:x","maxResults":-1}', 'ValidationException', 'Member must have value greater than or equal to 0'],
])('refuses %s', async (_, text, code, says) => {
  const { status, body } = await states.post('ListExecutions', text);
  expect([status, body.__type]).toEqual([400, code]);
  expect(body.message).toContain(says);
});

test('tells every violation at once', async () => {
  const { body } = await states.post('CreateStateMachine', '{"name":""}');
  expect(body.message).toMatch(/^3 validation errors detected: Value '' at 'name' .*; Value null at 'definition' .*; Value null at 'roleArn' /);
});
