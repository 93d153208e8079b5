import { Tokenization } from 'aws-cdk-lib';
import type { IConnectable, ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IDatabaseCluster, IDatabaseInstance } from 'aws-cdk-lib/aws-rds';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';

/** Where a PostgreSQL database is and who reads it. */
export interface PostgresSourceProps {
  /** User and password of a role that may read the table, as JSON with `username` and `password`. It is read at run time only. */
  readonly secret: ISecret;

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

  /** Who reads the table. */
  public readonly secret: ISecret;
  /** The network of the function. */
  public readonly vpc: IVpc;
  /** The subnets of the function. */
  public readonly vpcSubnets?: SubnetSelection;
  /** The security groups of the function. */
  public readonly securityGroups?: ISecurityGroup[];

  private constructor(private readonly props: PostgresSourceProps) {
    for (const name of ['secret', 'vpc'] as const) {
      if (!props[name]) throw new Error(`RdsSource.postgres: ${name} is missing; without it the function cannot reach the database`);
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
      SECRET_ARN: this.secret.secretArn,
      ...(endpoint ? { DATABASE_HOST: endpoint.hostname, DATABASE_PORT: Tokenization.stringifyNumber(endpoint.port) } : {}),
      ...(databaseName ? { DATABASE_NAME: databaseName } : {}),
    };
  }

  /** @internal */
  public _allowFrom(peer: IConnectable): void {
    (this.props.instance ?? this.props.cluster)?.connections.allowDefaultPortFrom(peer, 'rows are extracted from here');
  }
}
