import { closeSync, existsSync, openSync, writeSync } from 'node:fs';
import { AwsError, asAwsError } from '../../../lib/local/aws/error';

(existsSync('/dev/full') ? test : test.skip)('a full disk is an error that names the folder, with a status that no SDK retries', () => {
  const full = openSync('/dev/full', 'w');
  try {
    writeSync(full, 'x');
    throw new Error('/dev/full took a byte');
  } catch (error) {
    expect(asAwsError(error, '/data/out')).toMatchObject({
      code: 'InsufficientStorage',
      status: 507,
      message: "no space left on the disk of '/data/out' (ENOSPC); free some, or choose another folder",
    });
  } finally {
    closeSync(full);
  }
});

test('any other error of the disk is internal and names the folder, an AWS error stays what it is', () => {
  expect(asAwsError(Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' }), '/data/out')).toMatchObject({
    code: 'InternalError',
    status: 500,
    message: "the local AWS endpoint failed on folder '/data/out': EACCES: permission denied",
  });
  const error = new AwsError('NoSuchKey', 'gone', 404);
  expect(asAwsError(error, '/data/out')).toBe(error);
});
