import type { IncomingMessage, ServerResponse } from 'node:http';

/** The step whose objects a request is about: keys are `work/<machine>/<dataset>/<run>/<step>/<attempt>/<name>`. */
export function stepOf({ url = '' }: IncomingMessage): string {
  return decodeURIComponent(url.split('?')[0]!).split('/').at(-3) ?? '';
}

/** Tells how many bytes of body go in and out. */
export function onBytes(message: IncomingMessage, response: ServerResponse, tell: (bytes: number) => void): void {
  const push = message.push.bind(message);
  message.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
    if (chunk) tell(chunk.length);
    return push(chunk, encoding);
  };
  const write = response.write.bind(response) as (...args: unknown[]) => boolean;
  response.write = ((chunk: Buffer | string, ...more: unknown[]) => {
    tell(chunk.length);
    return write(chunk, ...more);
  }) as typeof response.write;
}
