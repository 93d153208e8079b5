import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A connection through the proxy that an interruption may act on. */
export interface Proxied {
  /** Bytes from the database so far. */
  readonly bytes: number;
  /** Ends both sides at once. */
  drop(): void;
  /** Lets nothing through any more. */
  stall(): void;
}

/** Stands between the functions and the database. */
export interface DatabaseProxy {
  readonly port: number;
  /** Sees every arrival of bytes from the database. */
  onData?: (connection: Proxied) => void;
  close(): void;
}

/** Opens a proxy to a port of this machine. */
export async function openProxy(target: number, count: (bytes: number) => void): Promise<DatabaseProxy> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const database = connect(target, '127.0.0.1');
    const drop = () => {
      client.destroy();
      database.destroy();
    };
    const connection = {
      bytes: 0,
      drop,
      stall: () => {
        database.unpipe(client).pause();
        client.unpipe(database).pause();
      },
    };
    for (const socket of [client, database]) {
      open.add(socket);
      socket.on('error', drop).on('close', () => {
        open.delete(socket);
        drop();
      });
    }
    database.on('data', (chunk: Buffer) => {
      count(chunk.length);
      connection.bytes += chunk.length;
      proxy.onData?.(connection);
    });
    client.pipe(database);
    database.pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: DatabaseProxy = {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
  return proxy;
}
