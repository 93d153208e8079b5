import type { ServerResponse } from 'node:http';
import { AwsError } from '../error';
import type { Xml } from '../xml';
import type { Checksum, S3Folder } from './folder';
import type { MultipartUploads } from './multipart';
import { receive, type S3Request } from './request';

/** What an operation works on. */
export interface S3State {
  readonly folder: S3Folder;
  readonly uploads: MultipartUploads;
}

/** An answer without a body, or with one XML document. */
export interface S3Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly xml?: readonly [root: string, content: Xml];
}

/** An operation: which query parameters and conditions it understands, and what it does. One that writes its answer itself returns nothing. */
export interface S3Operation {
  readonly query?: readonly string[];
  readonly conditions?: readonly string[];
  readonly run: (request: S3Request, state: S3State, response: ServerResponse) => Promise<S3Answer | undefined> | S3Answer | undefined;
}

/** A query parameter that is a number. */
export const numberOf = (request: S3Request, name: string): number | undefined => {
  const text = request.query.get(name);
  if (text !== null && !/^\d+$/.test(text)) throw new AwsError('InvalidArgument', `Provided ${name} not an integer or within integer range`);
  return text === null ? undefined : Number(text);
};

/** A checksum as elements of an answer. */
export const checksumElement = (checksum: Checksum | undefined): Record<string, Xml> =>
  checksum ? { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type } : {};

/** The body of a small XML request, verified as any body is. */
export async function xmlBody(request: S3Request, { folder }: S3State): Promise<string> {
  const { staged } = await receive(request, folder);
  try {
    return await folder.readStaged(staged);
  } finally {
    await folder.discard(staged);
  }
}
