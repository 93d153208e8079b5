import { PermanentError } from '../shared/errors';

/** What a message about the source may name. Nothing here is secret, and none of it is a value of a row. */
export interface Source {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/** A statement that ended early although nothing is wrong with it: one that reads less may succeed. */
export class TooLong extends Error {
  constructor(
    /** `recovery`: a replica had to apply what the statement still saw. `time`: it was cancelled. `silent`: nothing came any more. */
    readonly reason: 'recovery' | 'time' | 'silent',
    message: string,
  ) {
    super(message);
    this.name = 'SourceUnavailable';
  }
}

/**
 * The error to throw for what `pg` or PostgreSQL raised: its cause in the network or the database, and what to change. The text is always our own,
 * made from the code alone, because PostgreSQL quotes values of rows in its messages and details.
 */
export function databaseError(error: unknown, source: Source, table?: string): Error {
  if (error instanceof PermanentError || error instanceof TooLong) return error;
  const { code = '', message = '' } = error as { code?: string; message?: string };
  const at = `${source.host}:${source.port}`;
  return (
    networkError(code, message, at) ??
    permanentError(code, source, table) ??
    refusal(code, source, table) ??
    transient(
      /^[0-9A-Z]{5}$/.test(code)
        ? `the database ended the extraction with SQLSTATE ${code}; look the code up in PostgreSQL's appendix A`
        : unknown(error),
    )
  );
}

const DROPPED = new Set(['ECONNRESET', 'EPIPE', '57P01', '57P02', '57P05', '25P03', '08000', '08003', '08006', '08P01']);
const TLS = /^(ERR_TLS|ERR_SSL|EPROTO|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;

function networkError(code: string, message: string, at: string): Error | undefined {
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return transient(
        `the host name of the database '${at}' does not resolve; check the host in the secret or DATABASE_HOST, and that the VPC has DNS support`,
      );
    case 'ECONNREFUSED':
      return transient(`'${at}' refused the connection: nothing listens there; check the port, and that the instance is started and not restarting`);
  }
  if (['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'].includes(code) || message === 'timeout expired') {
    return transient(
      `no answer from the database at '${at}'; most likely its security group has no inbound rule for the function's security group on this port, ` +
        "or the function's subnets have no route to it",
    );
  }
  if (TLS.test(code) || /SSL/.test(message)) {
    return transient(
      `the TLS connection to '${at}' was not trusted (${code || 'the server does not offer TLS'}); use the endpoint name that RDS gave, ` +
        'and for a private authority name its certificate file in NODE_EXTRA_CA_CERTS',
    );
  }
  if (DROPPED.has(code) || message.startsWith('Connection terminated')) {
    return transient(`the database at '${at}' dropped the connection${code && ` (${code})`}; nothing was published, the next try starts afresh`);
  }
  return undefined;
}

function permanentError(code: string, source: Source, table?: string): Error | undefined {
  switch (code) {
    case '3D000':
      return new PermanentError(
        'SourceNotFound',
        `there is no database '${source.database}' at '${source.host}'; check dbname in the secret or DATABASE_NAME`,
      );
    case '3F000':
    case '42P01':
    case '42703':
      return new PermanentError(
        'SourceNotFound',
        `table '${table}' or one of its columns disappeared during the extraction; run again with what is there now`,
      );
    case '22021':
    case '22P05':
      return new PermanentError(
        'CorruptInput',
        `table '${table}' holds text that is not valid in the database's encoding and cannot be read as UTF-8; mend it in the source`,
      );
  }
  return undefined;
}

function refusal(code: string, { user, database, host }: Source, table?: string): Error | undefined {
  switch (code) {
    case '28P01':
      return transient(
        `the database refused the password of user '${user}'; check that the secret is the one of this instance and that its last rotation ended; ` +
          'with IAM authentication, that it is enabled, the user has rds_iam, and the function may rds-db:connect as that user',
      );
    case '28000':
      return transient(
        `the database refuses user '${user}' on '${database}' at '${host}'; check that the user exists, may log in, and is allowed this way of signing in`,
      );
    case '42501': {
      const denied = new Error(
        `user '${user}' may not read table '${table}'; grant USAGE on its schema and SELECT on it: GRANT SELECT ON ${table} TO ...`,
      );
      denied.name = 'AccessDenied';
      return denied;
    }
    case '53300':
      return transient(
        `the database has no free connection for user '${user}'; raise max_connections or the role's limit, or put RDS Proxy in front`,
      );
    case '57P03':
      return transient('the database is starting up or shutting down; try again later');
    case '57014':
      return new TooLong('time', `reading table '${table}' was cancelled by the statement timeout or by an administrator; extract less at once`);
    case '55P03':
      return transient(`table '${table}' stayed locked exclusively; run when no schema change holds it`);
    case '40001':
      return new TooLong(
        'recovery',
        `reading table '${table}' conflicted with recovery on the replica; raise max_standby_streaming_delay or set hot_standby_feedback`,
      );
    case '53100':
    case '53200':
      return transient(`the database ran out of ${code === '53100' ? 'disk' : 'memory'} (${code}); free some`);
  }
  return undefined;
}

function transient(message: string): Error {
  const error = new Error(message);
  error.name = 'SourceUnavailable';
  return error;
}

function unknown(error: unknown): string {
  return `the database client failed (${(error as Error)?.name ?? typeof error}); the text of the error is withheld because it may hold values of rows`;
}
