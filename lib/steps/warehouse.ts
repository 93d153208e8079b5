import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { ArnFormat, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';

/** What every warehouse takes. */
export interface WarehouseOptions {
  /** The database that holds the table. */
  readonly database: string;

  /**
   * Credentials of the database user that loads.
   * @default - the IAM role of the state machine becomes a database user, which needs its grants in SQL
   */
  readonly secret?: ISecret;

  /**
   * The role attached to Redshift that COPY reads S3 with. It is granted to read the data bucket, if it can be changed.
   * @default - the default role of the cluster or namespace, which must be able to read the data bucket
   */
  readonly copyRole?: IRole;
}

/** A workgroup of Redshift Serverless. */
export interface ServerlessWarehouseProps extends WarehouseOptions {
  /** The name of the workgroup. */
  readonly workgroup: string;

  /**
   * The ARN of the workgroup, which holds an id and not the name.
   * @default - every workgroup of the account and region is allowed
   */
  readonly workgroupArn?: string;
}

/** A provisioned cluster. */
export interface ProvisionedWarehouseProps extends WarehouseOptions {
  /** The identifier of the cluster. */
  readonly clusterIdentifier: string;
}

/** A Redshift warehouse, reached through its Data API. */
export class Warehouse {
  /** Redshift Serverless. */
  public static serverless(props: ServerlessWarehouseProps): Warehouse {
    return new Warehouse(props, { WorkgroupName: props.workgroup }, (stack) => ({
      arn: props.workgroupArn ?? stack.formatArn({ service: 'redshift-serverless', resource: 'workgroup', resourceName: '*' }),
      credentials: 'redshift-serverless:GetCredentials',
    }));
  }

  /** A provisioned cluster. */
  public static provisioned(props: ProvisionedWarehouseProps): Warehouse {
    return new Warehouse(props, { ClusterIdentifier: props.clusterIdentifier }, (stack) => ({
      arn: stack.formatArn({
        service: 'redshift',
        resource: 'cluster',
        resourceName: props.clusterIdentifier,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
      credentials: 'redshift:GetClusterCredentialsWithIAM',
    }));
  }

  /** The database that holds the table. */
  public readonly database: string;
  /** The role that COPY reads S3 with. */
  public readonly copyRole?: IRole;

  private constructor(
    private readonly options: WarehouseOptions,
    private readonly target: Record<string, string>,
    private readonly access: (stack: Stack) => { arn: string; credentials: string },
  ) {
    this.database = options.database;
    this.copyRole = options.copyRole;
  }

  /**
   * What tells the Data API which database, as whom.
   * @internal
   */
  public _connection(): Record<string, string> {
    return { ...this.target, Database: this.database, ...(this.options.secret ? { SecretArn: this.options.secret.secretArn } : {}) };
  }

  /**
   * What follows IAM_ROLE in a COPY.
   * @internal
   */
  public _copyRole(): string {
    return this.copyRole ? `'${this.copyRole.roleArn}'` : 'default';
  }

  /**
   * What the state machine's role needs to submit statements.
   * @internal
   */
  public _submitStatements(scope: Construct): PolicyStatement[] {
    const { arn, credentials } = this.access(Stack.of(scope));
    const submit = new PolicyStatement({ actions: ['redshift-data:BatchExecuteStatement'], resources: [arn] });
    const { secret } = this.options;
    if (!secret) return [submit, new PolicyStatement({ actions: [credentials], resources: [this.credentialsArn(arn, credentials, scope)] })];
    const read = new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secret.secretArn] });
    const decrypt = secret.encryptionKey && new PolicyStatement({ actions: ['kms:Decrypt'], resources: [secret.encryptionKey.keyArn] });
    return [submit, read, ...(decrypt ? [decrypt] : [])];
  }

  /** A cluster's credentials are scoped by database, a workgroup's by the workgroup. */
  private credentialsArn(arn: string, credentials: string, scope: Construct): string {
    if (credentials.startsWith('redshift-serverless:')) return arn;
    const resourceName = `${this.target.ClusterIdentifier}/${this.database}`;
    return Stack.of(scope).formatArn({ service: 'redshift', resource: 'dbname', resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  }
}
