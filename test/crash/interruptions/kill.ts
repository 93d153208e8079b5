import { enters, leaves } from '../events';
import type { Interruption } from '../interruption';
import { onUpload, stepOf } from '../requests';
import type { Striking } from '.';

type Of<Kind> = Extract<Interruption, { kind: Kind }>;

/** Nobody who is dead tells. */
const struck = () => 0;

/** Ends this process with all that it started, as it is. */
const die = (): void => void process.kill(-process.pid, 'SIGKILL');

export function killAt({ state, moment, ms }: Of<'kill'>): Striking {
  switch (moment) {
    case 'before':
      return { struck, onEvent: (event) => enters(event, state) && die() };
    case 'within':
      return killWithin({ kind: 'killWithin', from: state, until: state, ms });
    case 'done':
      return {
        struck,
        tasks: (tasks) => async (request) => {
          const result = await tasks(request);
          if (request.state === state) die();
          return result;
        },
      };
    case 'after':
      return { struck, onEvent: (event) => leaves(event, state) && die() };
  }
}

export function killWithin({ from, until, ms }: Of<'killWithin'>): Striking {
  return {
    struck,
    onEvent: (event) => {
      if (enters(event, from)) setTimeout(die, ms);
      if (leaves(event, until)) die();
    },
  };
}

export function killAtByte({ step, until, bytes }: Of<'killAtByte'>): Striking {
  let left = bytes;
  return {
    struck,
    onEvent: (event) => leaves(event, until) && die(),
    service: (name, service) => (message, response) => {
      if (name === 's3' && stepOf(message) === step) {
        onUpload(message, (count) => {
          left -= count;
          // after what came until now has been handed on
          if (left <= 0) setImmediate(die);
        });
      }
      return service(message, response);
    },
  };
}
