/** How the parts of a dataset are spread over functions. */
export enum FanOut {
  /** In the history of the run itself: up to 1,000 parts, 40 at a time. */
  INLINE = 'inline',

  /** Each part in an execution of its own (a Distributed Map): any number of parts, 1,000 at a time. Costs state transitions for each part. */
  DISTRIBUTED = 'distributed',

  /** As `DISTRIBUTED`, in Express executions: cheaper for many small parts. Together with its retries a part may take 5 minutes at most. */
  DISTRIBUTED_EXPRESS = 'distributed-express',
}
