// The tests that mutants of lib/engine and lib/asl have to fail: npm run test:mutation
const base = require('./jest.config.js');

module.exports = { ...base, roots: ['<rootDir>/test/engine', '<rootDir>/test/asl'] };
