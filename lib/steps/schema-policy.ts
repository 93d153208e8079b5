/** What becomes of a table whose columns are not what they were. Their order never matters. */
export enum SchemaPolicy {
  /** Every change fails the run. */
  FREEZE = 'freeze',

  /**
   * Columns that were added are taken, and so are types that hold every value of the old one and columns that may be NULL now, or no more. A column that was
   * dropped, renamed or narrowed, or got a type of another kind, fails the run. The table of the warehouse is yours to change: add the column there, or widen it.
   * Until then the load fails and changes nothing, and the run can be resumed.
   */
  EVOLVE = 'evolve',
}
