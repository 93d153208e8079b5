import { App, Stack } from 'aws-cdk-lib';
import recommended from 'aws-cdk-lib/recommended-feature-flags.json';

/** An app as `cdk synth` makes it: a bare `new App()` in jest does not see the flags of cdk.json. */
export function testApp(): App {
  return new App({ context: recommended });
}

export function testStack(id = 'Test'): Stack {
  return new Stack(testApp(), id);
}
