// Tests on data that lies beside the repository, in ../shared: recorded executions of the service and the Chinook database.
const { testPathIgnorePatterns, ...base } = require('./jest.config.js');

module.exports = { ...base, testMatch: ['**/*.data.test.ts'] };
