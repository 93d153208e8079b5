import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { handler } from '../../../lib/runtime/extract';
import { readCredentials } from '../../../lib/runtime/extract/connection';
import { failure, makeWorld, type World } from './support';

jest.setTimeout(30_000);

const CANARY = 'canary-7f3a';
let world: World;
let secret: Record<string, unknown>;

beforeAll(async () => {
  world = await makeWorld();
  secret = { ...world.secret };
  await world.admin.query(`
    CREATE SCHEMA sales; CREATE TABLE sales.orders (id int, note text); INSERT INTO sales.orders VALUES (1, '${CANARY}');
    CREATE TABLE big AS SELECT n, (SELECT string_agg(md5((n * 20 + i)::text), '') FROM generate_series(1, 20) i) AS t
      FROM generate_series(1, 60000) n`);
}, 60_000);
afterAll(() => world.stop());
beforeEach(() => {
  world.secret = { ...secret };
  world.intercept = undefined;
});

const extract = (table = 'sales.orders') => failure(handler(world.event(table)));
const connections = async () =>
  Number((await world.admin.query(`SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'cdk-data-pipeline%'`)).rows[0].count);

/** A TCP server on a free port. */
async function listen(onSocket: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer(onSocket).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

describe('a source that is not there', () => {
  test.each([
    ['sales.ordres', "there is no table or view 'sales.ordres' that the user may see - did you mean 'sales.orders'?"],
    ['orders', "there is no table or view 'orders' that the user may see - did you mean 'sales.orders'?"],
    ['sales.Orders', "did you mean 'sales.orders'?"],
    ['nowhere.at_all_like_it', "there is no table or view 'nowhere.at_all_like_it' that the user may see"],
    ['"sales.orders; DROP TABLE x"', 'there is no table or view \'"sales.orders; DROP TABLE x"\''],
  ])('%s is told with what is close', async (table, message) => {
    const error = await extract(table);
    expect(error.name).toBe('SourceNotFound');
    expect(error.message).toContain(message);
  });

  test.each([['sales.orders; DROP TABLE sales.orders'], ['sales."orders'], ['a.b.c'], ['']])('%s is not a name', async (table) => {
    expect(await extract(table)).toMatchObject({ name: 'InvalidInput' });
  });

  test('like an index is refused', async () => {
    await world.admin.query('CREATE INDEX orders_id ON sales.orders (id)');
    expect((await extract('sales.orders_id')).message).toContain("'sales.orders_id' holds no rows (kind 'i')");
  });

  test('as a database is told', async () => {
    world.secret.dbname = 'absent';
    const error = await extract();
    expect(error.name).toBe('SourceNotFound');
    expect(error.message).toContain("there is no database 'absent'");
  });
});

describe('a database that refuses', () => {
  test('the password says so, without it', async () => {
    world.secret.password = 'wrong-secret';
    const error = await extract();
    expect(error).toMatchObject({ name: 'SourceUnavailable' });
    expect(error.message).toContain("refused the password of user 'postgres'");
    expect(JSON.stringify([error.message, error.stack])).not.toContain('wrong-secret');
  });

  test('the user says so', async () => {
    await world.admin.query(`CREATE ROLE idle NOLOGIN PASSWORD 'x'`);
    Object.assign(world.secret, { username: 'idle', password: 'x' });
    expect((await extract()).message).toContain("refuses user 'idle'");
  });

  test('to be read names the grant', async () => {
    await world.admin.query(`CREATE ROLE reader LOGIN PASSWORD 'x'`);
    Object.assign(world.secret, { username: 'reader', password: 'x' });
    for (const grant of ['GRANT USAGE ON SCHEMA sales TO reader', 'SELECT 1']) {
      const error = await extract();
      expect(error.name).toBe('AccessDenied');
      expect(error.message).toContain("user 'reader' may not read table 'sales.orders'; grant USAGE on its schema and SELECT on it");
      await world.admin.query(grant);
    }
    await world.admin.query('GRANT SELECT (id) ON sales.orders TO reader');
    await expect(handler(world.event('sales.orders', { columns: ['id'] }))).resolves.toMatchObject({ recordCount: 1 });
  });

  test('one connection more says so', async () => {
    await world.admin.query(`CREATE ROLE busy LOGIN PASSWORD 'x' CONNECTION LIMIT 0`);
    Object.assign(world.secret, { username: 'busy', password: 'x' });
    expect((await extract()).message).toContain("no free connection for user 'busy'");
  });
});

describe('a network without the way there', () => {
  test('is told by port, when nothing listens', async () => {
    const { server, port } = await listen(() => {});
    server.close();
    await once(server, 'close');
    world.secret.port = port;
    expect((await extract()).message).toContain(`'127.0.0.1:${port}' refused the connection: nothing listens there`);
  });

  test('is told by name, when it does not resolve', async () => {
    world.secret.host = 'database.invalid';
    expect((await extract()).message).toContain("'database.invalid:");
  });

  test('is told within ten seconds with the likely rule or route, when nothing answers', async () => {
    const { server, port } = await listen(() => {});
    world.secret.port = port;
    const start = Date.now();
    const error = await extract();
    expect(Date.now() - start).toBeLessThan(10_000);
    expect(error.name).toBe('SourceUnavailable');
    expect(error.message).toMatch(/most likely its security group has no inbound rule .* or the function's subnets have no route/);
    server.close();
  }, 15_000);

  test('is told when the certificate is not trusted, and no password was sent', async () => {
    const trusted = process.env.NODE_EXTRA_CA_CERTS;
    delete process.env.NODE_EXTRA_CA_CERTS;
    try {
      const error = await extract();
      expect(error.name).toBe('SourceUnavailable');
      expect(error.message).toContain('was not trusted (');
    } finally {
      process.env.NODE_EXTRA_CA_CERTS = trusted;
    }
  });

  test('is told when the certificate is of another host', async () => {
    world.secret.host = 'localhost';
    expect((await extract()).message).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  test('is told when the server has no TLS', async () => {
    const { server, port } = await listen((socket) => socket.once('data', () => socket.end('N')));
    world.secret.port = port;
    expect((await extract()).message).toContain('the server does not offer TLS');
    server.close();
  });
});

describe('a connection that drops midway', () => {
  /** Slows S3 down until the copy was seen running. */
  async function whileCopying(act: () => Promise<void>): Promise<Error> {
    const running = failure(handler(world.event('big', { partBytes: 1024 * 1024 * 1024 })));
    for (;;) {
      const { rows } = await world.admin.query(`SELECT pid FROM pg_stat_activity WHERE query LIKE 'COPY%' AND state = 'active'`);
      if (rows.length > 0) break;
    }
    await act();
    return running;
  }

  async function expectNothingPublished(before: string[]): Promise<void> {
    expect(world.files()).toEqual(before);
    expect(await world.openUploads()).toBe(0);
    expect(await connections()).toBe(0);
  }

  test('because the backend was ended is retried, and leaves neither part nor upload', async () => {
    const before = world.files();
    const error = await whileCopying(async () => {
      await world.admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY%'`);
    });
    expect(error.name).toBe('SourceUnavailable');
    expect(error.message).toContain('dropped the connection (57P01); nothing was published');
    await expectNothingPublished(before);
  });

  test('because the network went away does the same', async () => {
    const before = world.files();
    let seen = 0;
    const { server, port } = await listen((socket) => {
      const upstream = connect(world.db.port, '127.0.0.1');
      socket.on('error', () => {}).pipe(upstream.on('error', () => {}));
      upstream.on('data', (chunk) => {
        seen += chunk.length;
        if (seen > 20_000_000) {
          socket.destroy();
          upstream.destroy();
        } else if (!socket.write(chunk)) {
          upstream.pause();
          socket.once('drain', () => upstream.resume());
        }
      });
    });
    world.secret.port = port;
    const error = await extract('big');
    expect(error.name).toBe('SourceUnavailable');
    expect(error.message).toContain('dropped the connection');
    server.close();
    await expectNothingPublished(before);
  });

  test('because it went silent is closed by a limit of our own, and told so', async () => {
    let seen = 0;
    const sockets: Socket[] = [];
    const { server, port } = await listen((socket) => {
      const upstream = connect(world.db.port, '127.0.0.1');
      sockets.push(socket, upstream);
      socket.on('error', () => {}).pipe(upstream.on('error', () => {}));
      upstream.on('data', (chunk) => {
        seen += chunk.length;
        if (seen < 1_000_000) socket.write(chunk);
        else upstream.pause();
      });
    });
    world.secret.port = port;
    const error = await failure(handler(world.event('big', { longestTransactionSeconds: 3 })));
    expect(error.name).toBe('SourceUnavailable');
    expect(error.message).toContain('the database went silent: a statement had no answer within 4 s');
    for (const socket of sockets) socket.destroy();
    server.close();
    expect(await world.openUploads()).toBe(0);
  }, 20_000);

  test('after a part was finished leaves no manifest', async () => {
    const running = failure(handler(world.event('big', { partBytes: 2_000_000, output: { bucket: 'lake', prefix: 'dropped' } })));
    while (!world.files().includes('dropped/part-00001.txt.gz')) await new Promise((resolve) => setTimeout(resolve, 2));
    await world.admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY%'`);
    expect((await running).name).toBe('SourceUnavailable');
    expect(world.files()).not.toContain('dropped/manifest.json');
    expect(await world.openUploads()).toBe(0);
  });
});

describe('S3 that fails', () => {
  test.each([[507], [403]])('with %s ends the extraction, the connection and the upload', async (status) => {
    const before = world.files();
    world.intercept = (method, url) => (method === 'PUT' && url.includes('partNumber=2') ? status : undefined);
    const error = await failure(handler(world.event('big', { partBytes: 1024 * 1024 * 1024 })));
    expect(error.name).not.toBe('SourceUnavailable');
    expect(world.files()).toEqual(before);
    expect(await world.openUploads()).toBe(0);
    expect(await connections()).toBe(0);
  });
});

test('a value of a row is in no error, whatever PostgreSQL says of it', async () => {
  await world.admin.query(`
    CREATE VIEW failing AS SELECT note::int AS n FROM sales.orders;
    CREATE FUNCTION tell(text) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'bad %', $1 USING DETAIL = $1, HINT = $1; END $$;
    CREATE VIEW telling AS SELECT tell(note) AS n FROM sales.orders`);
  const written = jest.spyOn(process.stdout, 'write').mockImplementation(() => true);
  for (const [view, code] of [
    ['failing', '22P02'],
    ['telling', 'P0001'],
  ] as const) {
    const error = await extract(view);
    expect(error.message).toContain(`SQLSTATE ${code}`);
    expect(JSON.stringify({ ...error, message: error.message, stack: error.stack, cause: error.cause })).not.toContain(CANARY);
  }
  expect(JSON.stringify(written.mock.calls)).not.toContain(CANARY);
  written.mockRestore();
});

test('with IAM authentication the password is a token for that user, signed without a secret', async () => {
  const { password, ...rest } = await readCredentials({ DATABASE_USER: 'reader', DATABASE_HOST: 'db.example.com', DATABASE_PORT: '5433' });
  expect(rest).toEqual({ host: 'db.example.com', port: 5433, database: 'postgres', user: 'reader' });
  const token = new URL(`https://${password}`);
  expect(token.host).toBe('db.example.com:5433');
  expect(Object.fromEntries(token.searchParams)).toMatchObject({ Action: 'connect', DBUser: 'reader', 'X-Amz-Expires': '900' });
  expect(token.searchParams.get('X-Amz-Credential')).toContain('/eu-central-1/rds-db/aws4_request');
});

describe('the secret', () => {
  test('may leave host, port and database to the environment', async () => {
    world.secret = { username: secret.username, password: secret.password };
    Object.assign(process.env, { DATABASE_HOST: secret.host, DATABASE_PORT: String(secret.port), DATABASE_NAME: secret.dbname });
    await expect(handler(world.event('sales.orders'))).resolves.toMatchObject({ recordCount: 1 });
    for (const name of ['DATABASE_HOST', 'DATABASE_PORT', 'DATABASE_NAME']) delete process.env[name];
  });

  test('without a host or user says what is missing, and nothing of the rest', async () => {
    world.secret = { password: 'hidden-one' };
    const error = await extract();
    expect(error).toMatchObject({ name: 'InvalidInput' });
    expect(error.message).toContain('has no host, username; add it');
    expect(error.message).not.toContain('hidden-one');
  });
});
