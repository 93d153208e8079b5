const setup = () => jest.isolateModules(() => require('../../../lib/testing/jest/setup'));

test('snapshots of definitions can be read once the module was imported', () => {
  setup();
  const small = { StartAt: 'Only', States: { Only: { Type: 'Succeed' } } };
  expect(small).toMatchInlineSnapshot(`{ "StartAt": "Only", "States": { "Only": { "Type": "Succeed" } } }`);
});

test('without a global expect the module says where to name it', () => {
  const own = expect;
  const problem = (() => {
    try {
      Object.assign(globalThis, { expect: undefined });
      setup();
      return undefined;
    } catch (error) {
      return (error as Error).message;
    } finally {
      Object.assign(globalThis, { expect: own });
    }
  })();
  expect(problem).toContain("setupFilesAfterEnv: ['cdk-data-pipeline/testing/jest']");
});
