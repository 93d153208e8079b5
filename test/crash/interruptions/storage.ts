import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from '../../../lib/local/aws/http';
import type { Interruption, StorageFault } from '../interruption';
import { onDownload, onUpload } from '../requests';
import type { Striking } from '.';

const SLOW_MS = 150;
const RESET_AFTER_BYTES = 1000;

/** Some requests to S3 go wrong, whoever sends them. */
export function breakStorage({ how, first, times }: Extract<Interruption, { kind: 'storage' }>): Striking {
  let requests = 0;
  let struck = 0;
  return {
    struck: () => struck,
    service: (name, service) => {
      if (name !== 's3') return service;
      return (message, response) => {
        requests += 1;
        if (requests < first || struck === times) return service(message, response);
        struck += 1;
        return FAULTS[how](message, response, service);
      };
    },
  };
}

type Fault = (message: IncomingMessage, response: ServerResponse, service: Service) => Promise<void>;

const FAULTS: Readonly<Record<StorageFault, Fault>> = {
  slowDown: (message, response) => refuse(message, response, 503, 'SlowDown'),
  internalError: (message, response) => refuse(message, response, 500, 'InternalError'),
  slow: async (message, response, service) => {
    await sleep(SLOW_MS);
    await service(message, response);
  },
  resetUpload: reset,
  resetDownload: reset,
  /** All is done as asked, and the connection breaks before the answer. */
  lostAnswer: (message, response, service) => {
    const { socket } = message;
    response.writeHead = () => response;
    response.write = () => {
      socket.destroy();
      return false;
    };
    response.end = () => {
      socket.destroy();
      return response;
    };
    return service(message, response);
  },
};

async function refuse(message: IncomingMessage, response: ServerResponse, status: number, code: string): Promise<void> {
  message.resume();
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>Please try again.</Message></Error>`);
}

/** The connection breaks in the middle of a body, in or out. */
async function reset(message: IncomingMessage, response: ServerResponse, service: Service): Promise<void> {
  let bytes = 0;
  const tell = (count: number) => {
    bytes += count;
    if (bytes > RESET_AFTER_BYTES) message.socket.destroy();
  };
  onUpload(message, tell);
  onDownload(response, tell);
  await service(message, response);
}
