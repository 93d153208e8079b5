// The few globals of jest that the tests of lib/engine and lib/asl use, on mocha's: it loads the tests once for thousands of mutants, where jest
// would load them and all they import again for every single one.
const { format } = require('node:util');
const { expect } = require('expect');
const { fn } = require('jest-mock');
const Mocha = require('mocha');

// As jest.config.js has it.
process.env.CDK_VALIDATION ??= 'false';

module.exports = Mocha.interfaces.jest = function jest(suite) {
  Mocha.interfaces.bdd(suite);
  suite.on('pre-require', (context) => {
    const { describe, it, before: beforeAll, after: afterAll } = context;
    describe.each = each(describe);
    it.each = each(it);
    // Nothing here is given up for its time: a mutant that takes too long is timed by Stryker.
    Object.assign(context, { test: it, beforeAll, afterAll, expect, jest: { fn, setTimeout: () => {} } });
  });
};

/** `test.each(rows)('title %s', (...cells) => {})`; a row that is no array is its only cell. */
function each(define) {
  return (rows) => (title, body) => {
    for (const row of rows) {
      const cells = Array.isArray(row) ? row : [row];
      const places = title.match(/%[a-z]/g)?.length ?? 0;
      define(format(title, ...cells.slice(0, places)), () => body(...cells));
    }
  };
}
