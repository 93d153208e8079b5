import { formatS3Url, parseS3Url } from '../../../lib/runtime/shared/s3';

test.each([
  ['s3://lake/a/b.txt', { bucket: 'lake', key: 'a/b.txt' }],
  ['s3://lake/a%20b/ü?#', { bucket: 'lake', key: 'a%20b/ü?#' }],
  ['s3://lake//a', { bucket: 'lake', key: '/a' }],
])('%s is taken apart and put together again', (url, object) => {
  expect(parseS3Url(url)).toEqual(object);
  expect(formatS3Url(object.bucket, object.key)).toBe(url);
});

test.each([['s3://lake'], ['s3://lake/'], ['lake/a'], ['https://lake/a'], ['s3:///a']])('%s is not the url of an object', (url) => {
  expect(() => parseS3Url(url)).toThrow(expect.objectContaining({ name: 'InvalidInput' }));
});
