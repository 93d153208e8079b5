import type { IncomingMessage, ServerResponse } from 'node:http';

/** The step whose objects a request is about: keys are `work/<machine>/<dataset>/<run>/<step>/<attempt>/<name>`. */
export function stepOf({ url = '' }: IncomingMessage): string {
  return decodeURIComponent(url.split('?')[0]!).split('/').at(-3) ?? '';
}

/** Tells how many bytes of body come in. */
export function onUpload(message: IncomingMessage, tell: (bytes: number) => void): void {
  const push = message.push.bind(message);
  message.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
    if (chunk) tell(chunk.length);
    return push(chunk, encoding);
  };
}

/** Tells how many bytes of body go out. */
export function onDownload(response: ServerResponse, tell: (bytes: number) => void): void {
  const write = response.write.bind(response) as (...args: unknown[]) => boolean;
  response.write = ((chunk: Buffer | string, ...more: unknown[]) => {
    tell(chunk.length);
    return write(chunk, ...more);
  }) as typeof response.write;
}
