/** What a definition does not tell of its runs. Whatever is left out is derived from the definition, or a default that the estimate names. */
export interface Assumptions {
  /** Parts of the dataset, which Maps over parts take as items. @default 1 */
  readonly parts?: number;
  /** Rows of the dataset: with 0 a load that is skipped when empty is skipped. @default 1000 */
  readonly rows?: number;
  /** What the run is started with. @default {} */
  readonly input?: unknown;
  /** Gigabytes that the run sends through a NAT gateway. @default 0 */
  readonly natGigabytes?: number;
  /** Items of each attempt of a Map, by its name. @default - counted where the definition tells; of a dataset its parts; 10 of an array, 1,000 from S3 */
  readonly items?: Numbers;
  /** How many seconds a Task takes, or what a loop waits for, by state or by step. @default - 60 s for what a loop waits for and for Glue, 10 s for Lambda and others */
  readonly seconds?: Numbers;
  /** How often a loop asks before it is left, by the name of any state in it. @default - from its waits and `seconds` */
  readonly turns?: Numbers;
  /** Retries of each visit of a Task, Map or Parallel, on average, by its name. @default - none */
  readonly retries?: Numbers;
  /** How often each way out of a state is taken, from 0 to 1, by its name and the next state's. What is missing from 1 ends there. */
  readonly ways?: Readonly<Record<string, Numbers>>;
  /** Sizes of what tasks run on, by the name of the state. */
  readonly sizes?: Readonly<Record<string, Size>>;
}

type Numbers = Readonly<Record<string, number>>;

/** What a task runs on. */
export interface Size {
  /** Of a Lambda function. @default 1024 */
  readonly memoryMb?: number;
  /** Of a Glue job. @default 2 */
  readonly dpus?: number;
  /** Of a Redshift Serverless workgroup: its base capacity. @default 8 */
  readonly rpus?: number;
  /** Of a Fargate task. @default 1 */
  readonly vcpus?: number;
  /** Of a Fargate task. @default 2 */
  readonly gigabytes?: number;
}

/** Which run is estimated: nothing fails and every loop is left at the first look; the usual run; every try is needed, and all that may take long does. */
export type Case = 'best' | 'expected' | 'worst';
