/** What becomes of text of more bytes than its column holds in Redshift, which counts bytes of UTF-8 and holds 65,535 at most. Nothing is ever cut. */
export enum OverlongText {
  /** Its row is rejected, with the reason `overlong` and the column, and counts against the limits on rejected rows. */
  REJECT = 'reject',
  /** The first one fails the run before anything is loaded. */
  FAIL = 'fail',
}
