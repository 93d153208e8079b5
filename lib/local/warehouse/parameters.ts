import { TaskError } from '../../engine';

/** The arguments of a call as Step Functions hands them over. */
export type Arguments = Readonly<Record<string, unknown>>;

const TARGET = ['ClusterIdentifier', 'WorkgroupName', 'Database', 'DbUser', 'SecretArn'];
const SUBMIT = [...TARGET, 'ClientToken', 'StatementName', 'WithEvent'];

const NOT_HERE = ['Parameters', 'ResultFormat', 'SessionId', 'SessionKeepAliveSeconds', 'WaitTimeSeconds'];

export type Operation = 'executeStatement' | 'batchExecuteStatement' | 'describeStatement' | 'cancelStatement' | 'getStatementResult';

/** The parameters each operation has in the service's model: those emulated here, and those that are not. */
const PARAMETERS: Readonly<Record<Operation, { readonly known: readonly string[]; readonly notHere: readonly string[] }>> = {
  executeStatement: { known: [...SUBMIT, 'Sql'], notHere: NOT_HERE },
  batchExecuteStatement: { known: [...SUBMIT, 'Sqls', 'ExecutionMode'], notHere: NOT_HERE },
  describeStatement: { known: ['Id'], notHere: ['WaitTimeSeconds'] },
  cancelStatement: { known: ['Id'], notHere: [] },
  getStatementResult: { known: ['Id'], notHere: ['NextToken', 'WaitTimeSeconds'] },
};

const MAX_SQL_BYTES = 100 * 1024;
const MAX_SQLS = 40;

export function invalid(message: string): TaskError {
  return new TaskError('RedshiftData.ValidationException', message);
}

/** Refuses unknown parameters as Step Functions does, which looks before anything runs, and those that the local warehouse does not emulate. */
export function checkNames(operation: Operation, args: Arguments): void {
  const { known, notHere } = PARAMETERS[operation];
  for (const name of Object.keys(args)) {
    if (notHere.includes(name))
      throw new TaskError('States.Runtime', `The field "${name}" of ${operation} is not known to the local warehouse; leave it out`);
    if (!known.includes(name)) throw new TaskError('States.Runtime', `The field "${name}" is not supported by Step Functions`);
  }
}

/** Checks what the two submitting calls share, and gives back the statements. */
export function checkSubmit(operation: 'executeStatement' | 'batchExecuteStatement', args: Arguments): readonly string[] {
  const { ClusterIdentifier, WorkgroupName, Database, WithEvent, ExecutionMode } = args;
  if ((ClusterIdentifier === undefined) === (WorkgroupName === undefined))
    throw invalid('Exactly one of WorkgroupName and ClusterIdentifier must be specified');
  for (const name of TARGET) checkText(args, name, 1, 2048);
  if (Database === undefined) throw invalid('Database is required; name the database that the statement runs in');
  checkText(args, 'ClientToken', 1, 64);
  checkText(args, 'StatementName', 0, 2048);
  if (WithEvent !== undefined && typeof WithEvent !== 'boolean') throw invalid('WithEvent must be a boolean');
  if (WithEvent === true)
    throw new TaskError('States.Runtime', 'WithEvent true is not known to the local warehouse, which sends no events; leave it out');
  if (ExecutionMode !== undefined && ExecutionMode !== 'TRANSACTION') {
    throw new TaskError(
      'States.Runtime',
      `ExecutionMode '${String(ExecutionMode)}' is not known to the local warehouse; use TRANSACTION or leave it out`,
    );
  }
  return operation === 'executeStatement' ? [checkSql(args.Sql, 'Sql')] : checkSqls(args.Sqls);
}

export function checkId(args: Arguments): string {
  if (typeof args.Id !== 'string' || args.Id === '') throw invalid('Id must be the id of a statement');
  return args.Id;
}

function checkSqls(sqls: unknown): readonly string[] {
  if (!Array.isArray(sqls) || sqls.length < 1 || sqls.length > MAX_SQLS) {
    throw invalid(`Sqls must hold from 1 to ${MAX_SQLS} statements, got ${Array.isArray(sqls) ? sqls.length : typeof sqls}`);
  }
  return sqls.map((sql, index) => checkSql(sql, `Sqls[${index}]`));
}

function checkSql(sql: unknown, where: string): string {
  if (typeof sql !== 'string' || sql === '') throw invalid(`${where} must be the text of a statement`);
  const bytes = Buffer.byteLength(sql);
  if (bytes > MAX_SQL_BYTES) throw invalid(`${where} has ${bytes} bytes; a statement has at most ${MAX_SQL_BYTES} (100 KB)`);
  return sql;
}

function checkText(args: Arguments, name: string, min: number, max: number): void {
  const value = args[name];
  if (value === undefined) return;
  if (typeof value !== 'string' || value.length < min || value.length > max) {
    throw invalid(`${name} must be a text of ${min} to ${max} characters, got ${typeof value === 'string' ? value.length : typeof value}`);
  }
}
