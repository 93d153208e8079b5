/** What something costs. */
export interface Price {
  readonly dollars: number;
  readonly per: string;
  /** Where the number is from. */
  readonly source: string;
  /** When it was read there; undefined where nobody could: look it up before you rely on it. */
  readonly read?: string;
}

/** The region whose list prices these are. */
export const PRICES_REGION = 'us-east-1';

/** List prices before free tiers and discounts. */
export const PRICES = {
  transition: { dollars: 0.025 / 1000, per: 'state transition', source: 'https://aws.amazon.com/step-functions/pricing/', read: '2026-11' },
  expressRequest: { dollars: 1 / 1e6, per: 'Express request', source: 'https://aws.amazon.com/step-functions/pricing/', read: '2026-11' },
  expressGbSecond: { dollars: 0.00001667, per: 'Express GB-second', source: 'https://aws.amazon.com/step-functions/pricing/', read: '2026-11' },
  lambdaRequest: {
    dollars: 0.2 / 1e6,
    per: 'Lambda request',
    source: 'https://docs.aws.amazon.com/whitepapers/latest/how-aws-pricing-works/lambda.html',
    read: '2026-11',
  },
  lambdaGbSecond: { dollars: 0.0000166667, per: 'Lambda GB-second (x86)', source: 'https://amnic.com/blogs/aws-lambda-pricing', read: '2026-11' },
  glueDpuHour: {
    dollars: 0.44,
    per: 'Glue DPU-hour, at least a minute',
    source: 'https://awsnegotiations.com/glue-job-cost-optimization.html',
    read: '2026-11',
  },
  redshiftRpuHour: { dollars: 0.375, per: 'Redshift Serverless RPU-hour, at least a minute', source: 'https://aws.amazon.com/redshift/pricing/' },
  natGb: { dollars: 0.045, per: 'GB through a NAT gateway', source: 'https://basavytix.com/blog/aws-nat-gateway-pricing', read: '2026-11' },
  s3Write: { dollars: 0.005 / 1000, per: 'S3 PUT or LIST', source: 'https://aws.amazon.com/s3/pricing/' },
  s3Read: { dollars: 0.0004 / 1000, per: 'S3 GET', source: 'https://aws.amazon.com/s3/pricing/' },
  snsPublish: { dollars: 0.5 / 1e6, per: 'SNS publish', source: 'https://aws.amazon.com/sns/pricing/' },
  sqsRequest: { dollars: 0.4 / 1e6, per: 'SQS request', source: 'https://aws.amazon.com/sqs/pricing/' },
  dynamodbRead: { dollars: 0.125 / 1e6, per: 'DynamoDB read unit, on demand', source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/' },
  dynamodbWrite: { dollars: 0.625 / 1e6, per: 'DynamoDB write unit, on demand', source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/' },
  eventBridgeEvent: { dollars: 1 / 1e6, per: 'EventBridge custom event', source: 'https://aws.amazon.com/eventbridge/pricing/' },
  fargateVcpuHour: { dollars: 0.04048, per: 'Fargate vCPU-hour', source: 'https://aws.amazon.com/fargate/pricing/' },
  fargateGbHour: { dollars: 0.004445, per: 'Fargate GB-hour', source: 'https://aws.amazon.com/fargate/pricing/' },
} as const satisfies Readonly<Record<string, Price>>;

export type PriceName = keyof typeof PRICES;

/** Prices of your own in dollars: another region, a discount. What is left out costs what the list says. */
export type OwnPrices = Readonly<Partial<Record<PriceName, number>>>;

/** What one unit costs. */
export function priceOf(name: PriceName, own: OwnPrices = {}): number {
  return own[name] ?? PRICES[name].dollars;
}
