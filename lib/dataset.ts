/** How the rows of a dataset are written; each step says which it reads and which it writes. */
export enum DataFormat {
  /** PostgreSQL `COPY ... TO STDOUT` text, gzip: what `RdsExtract` writes. */
  COPY_TEXT = 'copy-text',

  /** One JSON object a line, gzip: what `LambdaClean` writes. */
  JSON_LINES = 'jsonl',

  /** Rows that `LambdaClean` rejected, each with its reason: what another run of it reads once its rules are mended. */
  REJECTS = 'rejects',

  /** Parquet: what `GlueParquet` writes. */
  PARQUET = 'parquet',
}
