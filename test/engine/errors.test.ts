import { TaskError, UnsupportedDefinitionError } from '../../lib/engine';
import { StateFailure } from '../../lib/engine/errors';

test('a task error reads as its name and cause', () => {
  expect(String(new TaskError('Glue.Busy', 'too many runs'))).toBe('TaskError: Glue.Busy: too many runs');
  expect(String(new TaskError('Glue.Busy'))).toBe('TaskError: Glue.Busy');
});

test('a definition that is refused is told with every problem on a line of its own', () => {
  expect(new UnsupportedDefinitionError(['a', 'b']).message).toBe('the definition cannot run in the local engine:\n- a\n- b');
});

test('a failure without an error has no name to match, and tells only what it has', () => {
  expect(new StateFailure().names).toEqual([]);
  expect(new StateFailure().output).toStrictEqual({});
  expect(new StateFailure('A').output).toStrictEqual({ Error: 'A' });
  expect(new StateFailure(undefined, 'why').output).toStrictEqual({ Cause: 'why' });
});
