// The property tests with as many cases as asked for: npm run test:property
const base = require('./jest.config.js');

module.exports = { ...base, roots: ['<rootDir>/test/property'] };
