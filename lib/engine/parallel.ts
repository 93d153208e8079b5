import type { ParallelState, Program } from './definition';
import type { Frame } from './frame';
import { Group } from './group';
import { checkPayload } from './limits';
import type { Resumption } from './redrive';
import type { Visit } from './visit';

/** Runs a program on a line of its own; the interpreter's own entry, handed in because it calls this module. */
export type RunProgram = (program: Program, input: unknown, frame: Frame, from?: Resumption) => Promise<unknown>;

/** One attempt of a Parallel: all branches at once; the first failure stops the others and is the failure of the state. */
export async function branchOut(visit: Visit<ParallelState>, runProgram: RunProgram): Promise<unknown[]> {
  const { state, frame, name } = visit;
  const input = state.Arguments === undefined ? visit.input : await visit.evaluate(state.Arguments, 'Arguments');
  frame.record('ParallelStateStarted');
  const group = new Group(frame);
  const branches = state.Branches.map(async (branch) => {
    const line = group.open();
    try {
      const output = await runProgram(branch, input, line);
      frame.previous = line.finish();
      return output;
    } catch (error) {
      return group.fail(line, error);
    }
  });
  const outputs = await group.all(branches);
  checkPayload(JSON.stringify(outputs), `The state/task '${name}' returned a result`);
  frame.note('ParallelStateSucceeded');
  return outputs;
}
