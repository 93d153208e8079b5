import type { Expect } from 'expect';
import type { ExpectedPublication } from './matchers';
import * as matchers from './matchers';
import { serializer } from './serializer';

/** Matchers for what `simulate` answers. TypeScript knows them of the `expect` of `@types/jest` and of that of `@jest/globals`. */
export interface SimulationMatchers<R> {
  /** The run ended SUCCEEDED. */
  toHaveSucceeded(): R;
  /** The run ended FAILED with this error, and a cause that has this text in it. */
  toHaveFailedWith(error: string, cause?: string | RegExp): R;
  /** A state, or the state of a step that was retried most, was tried once and so many times more, in one visit. */
  toHaveRetried(stateOrStep: string, times: number): R;
  /** Each topic that was alerted was alerted once, and one was. */
  toHaveAlertedOnce(): R;
  /** Something was published with this text in subject or message, or with these fields. */
  toHavePublished(expected: string | RegExp | ExpectedPublication): R;
}

declare global {
  namespace jest {
    interface Matchers<R, T> extends SimulationMatchers<R> {}
  }
}

declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T = unknown> extends SimulationMatchers<R> {}
}

interface JestExpect extends Pick<Expect, 'extend'> {
  addSnapshotSerializer(serializer: object): void;
}

const { expect } = globalThis as { expect?: JestExpect };
if (!expect) {
  throw new Error(
    "there is no global 'expect'; name this module in jest's setupFilesAfterEnv: ['cdk-data-pipeline/testing/jest'], with injectGlobals left on",
  );
}
expect.extend({ ...matchers });
expect.addSnapshotSerializer(serializer);
