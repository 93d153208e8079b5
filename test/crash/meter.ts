import type { Interference } from '../../lib/local/interference';
import { stateOf } from './events';
import type { Measured } from './interruption';
import { onUpload, stepOf } from './requests';

/** Measures a run. */
export class Meter {
  private readonly started = new Map<string, number>();
  private readonly ms: Record<string, number> = {};
  private readonly tasks = new Set<string>();
  private readonly bytes: Record<string, number> = {};
  private requests = 0;
  private databaseBytes = 0;

  fromDatabase(bytes: number): void {
    this.databaseBytes += bytes;
  }

  measured(): Measured {
    return { ms: this.ms, tasks: [...this.tasks], requests: this.requests, bytes: this.bytes, databaseBytes: this.databaseBytes };
  }

  /** Measures what the given interference lets through. */
  measuring({ onEvent, tasks, service }: Interference): Interference {
    return {
      onEvent: (event) => {
        const state = stateOf(event);
        if (state && event.type.endsWith('StateEntered')) this.started.set(state, Date.now());
        if (state && event.type.endsWith('StateExited')) this.ms[state] = Date.now() - this.started.get(state)!;
        onEvent?.(event);
      },
      tasks: (inner) => {
        const handler = tasks?.(inner) ?? inner;
        return (request) => {
          this.tasks.add(request.state);
          return handler(request);
        };
      },
      service: (name, inner) => {
        const served = service?.(name, inner) ?? inner;
        if (name !== 's3') return served;
        return (message, response) => {
          this.requests += 1;
          const step = stepOf(message);
          onUpload(message, (count) => {
            this.bytes[step] = (this.bytes[step] ?? 0) + count;
          });
          return served(message, response);
        };
      },
    };
  }
}
