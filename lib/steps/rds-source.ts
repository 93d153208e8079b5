import { Tokenization } from 'aws-cdk-lib';
import type { IConnectable, ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IDatabaseCluster, IDatabaseInstance } from 'aws-cdk-lib/aws-rds';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';

/** Where a PostgreSQL database is and who reads it. */
export interface PostgresSourceProps {
  /**
   * User and password of a role that may read the table, as JSON with `username` and `password`. It is read at run time only.
   * @default - IAM authentication as `iamUser`
   */
  readonly secret?: ISecret;

  /**
   * The database user to sign in as by IAM authentication, without any password: it has the role `rds_iam` and may read the table. The instance or
   * cluster, which must have IAM authentication enabled, is named too; the function is granted `rds-db:connect` as this user.
   * @default - the user of `secret`
   */
  readonly iamUser?: string;

  /** The network from which the database can be reached, and from there S3 and Secrets Manager (NAT, or endpoints for both). */
  readonly vpc: IVpc;

  /**
   * The subnets the function attaches to.
   * @default - private subnets with egress
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The instance. Its security group is opened for the function.
   * @default - the cluster, or else `host` of the secret
   */
  readonly instance?: IDatabaseInstance;

  /**
   * The Aurora cluster. It is read from its reader endpoint, and its security group is opened for the function.
   * @default - the instance, or else `host` of the secret
   */
  readonly cluster?: IDatabaseCluster;

  /**
   * The database to connect to.
   * @default - `dbname` of the secret
   */
  readonly databaseName?: string;

  /**
   * The security groups of the function.
   * @default - one of its own
   */
  readonly securityGroups?: ISecurityGroup[];
}

/** A database that rows are extracted from. */
export class RdsSource {
  /** PostgreSQL on RDS or Aurora. The connection is encrypted, and the server's certificate is verified. */
  public static postgres(props: PostgresSourceProps): RdsSource {
    return new RdsSource(props);
  }

  /** Who reads the table, unless it signs in by IAM authentication. */
  public readonly secret?: ISecret;
  /** The network of the function. */
  public readonly vpc: IVpc;
  /** The subnets of the function. */
  public readonly vpcSubnets?: SubnetSelection;
  /** The security groups of the function. */
  public readonly securityGroups?: ISecurityGroup[];

  private constructor(private readonly props: PostgresSourceProps) {
    if (!props.vpc) throw new Error('RdsSource.postgres: vpc is missing; without it the function cannot reach the database');
    if (!props.secret && !props.iamUser) throw new Error('RdsSource.postgres: secret is missing; give it, or iamUser for IAM authentication');
    if (props.secret && props.iamUser) throw new Error('RdsSource.postgres: got both a secret and an iamUser; give the one to sign in with');
    if (props.iamUser && !props.instance && !props.cluster) {
      throw new Error('RdsSource.postgres: iamUser needs the instance or cluster, to name host and permission');
    }
    if (props.instance && props.cluster) throw new Error('RdsSource.postgres: got both an instance and a cluster; give the one that holds the table');
    this.secret = props.secret;
    this.vpc = props.vpc;
    this.vpcSubnets = props.vpcSubnets;
    this.securityGroups = props.securityGroups;
  }

  /** @internal */
  public _environment(): Record<string, string> {
    const { instance, cluster, databaseName } = this.props;
    const endpoint = instance?.instanceEndpoint ?? cluster?.clusterReadEndpoint;
    return {
      ...(this.secret && { SECRET_ARN: this.secret.secretArn }),
      ...(this.props.iamUser && { DATABASE_USER: this.props.iamUser }),
      ...(endpoint ? { DATABASE_HOST: endpoint.hostname, DATABASE_PORT: Tokenization.stringifyNumber(endpoint.port) } : {}),
      ...(databaseName ? { DATABASE_NAME: databaseName } : {}),
    };
  }

  /** @internal */
  public _grantSignIn(grantee: IGrantable): void {
    const { instance, cluster, iamUser } = this.props;
    this.secret?.grantRead(grantee);
    if (iamUser) (instance ?? cluster)!.grantConnect(grantee, iamUser);
  }

  /** @internal */
  public _allowFrom(peer: IConnectable): void {
    (this.props.instance ?? this.props.cluster)?.connections.allowDefaultPortFrom(peer, 'rows are extracted from here');
  }
}
