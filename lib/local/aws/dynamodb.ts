import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { AwsError, asAwsError } from './error';
import { readText, type Service, sendJsonError, unsignedAuthorization } from './http';

/** What of dynalite is used; it comes without types. */
type Dynalite = (options: { path: string; createTableMs: number; deleteTableMs: number; updateTableMs: number }) => Server;

/** DynamoDB tables on a folder. */
export interface DynamoDb {
  readonly service: Service;
  close(): Promise<void>;
}

/** The storage below dynalite. */
type Level = new (folder: string) => { open(): Promise<void>; close(): Promise<void> };

const requireHere = createRequire(__filename);

function load(): { readonly dynalite: Dynalite; readonly Level: Level } {
  let path: string;
  try {
    path = requireHere.resolve('dynalite');
  } catch {
    throw new Error("a local run needs the package 'dynalite', which is not installed; run npm i -D dynalite@4.0.0");
  }
  return { dynalite: requireHere(path) as Dynalite, Level: (createRequire(path)('level') as { Level: Level }).Level };
}

/** Fails where dynalite would end the process at the first call: the folder is in use, or cannot be written. */
async function probe(Level: Level, folder: string): Promise<void> {
  const level = new Level(folder);
  try {
    await level.open();
  } catch (error) {
    const { code, message } = ((error as Error).cause ?? error) as NodeJS.ErrnoException;
    const why = code === 'LEVEL_LOCKED' ? 'another run uses it; wait for it to end, or choose another folder' : message;
    throw new Error(`cannot open the tables in '${folder}': ${why}`);
  }
  await level.close();
}

/** Opens the tables of a folder, made when it is not there. They survive the process, as a watermark must. */
export async function openDynamoDb(folder: string): Promise<DynamoDb> {
  const { dynalite, Level } = load();
  await probe(Level, folder);
  const server = dynalite({ path: folder, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  // Requests are handed to it below. It listens all the same, because one that does not cannot be closed, and then the tables stay locked.
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  // It opens its storage when it likes; only an answer shows that the folder is now locked against others.
  await callDynamoDb(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'us-east-1', 'ListTables', {});
  return {
    service: async (message, response) => {
      try {
        // Read here, because dynalite ends the process when a client goes away while it reads.
        const body = Readable.from([Buffer.from(await readText(message))]);
        server.emit('request', Object.assign(body, { method: message.method, url: message.url, headers: message.headers }), response);
      } catch (error) {
        sendJsonError(response, asAwsError(error, folder));
      }
    },
    close: () => new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve()))),
  };
}

/** Calls an operation with an input as the API takes it. Throws an {@link AwsError} with the service's code. */
export async function callDynamoDb(url: string, region: string, operation: string, input: object): Promise<Record<string, unknown>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: unsignedAuthorization('dynamodb', region),
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-date': '20260101T000000Z',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
    },
    body: JSON.stringify(input),
  });
  const output = (await response.json()) as Record<string, string>;
  if (response.ok) return output;
  throw new AwsError(String(output.__type).replace(/^.*#/, ''), output.message ?? output.Message ?? '', response.status);
}
