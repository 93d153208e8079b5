import { canRetry, outwards, type Visit } from '../../asl/walk';
import { simulateSubject } from '../simulate';
import type { Simulation } from '../simulate/simulation';
import type { Subject } from '../simulate/target';
import { type Plan, plansFor } from './cases';
import { judgeAlerts, judgeNotifications, judgeTries, visitsOf } from './judge';
import { judgeBaseline } from './judge-baseline';
import { judgeEnd } from './judge-end';
import { ProvedMachine } from './machine';
import type { Case, Proof, ProveOptions } from './options';
import { type Baseline, baselines, JITTER } from './scenarios';

/** Runs the fault matrix of a state machine: every state that was reached, with everything that can go wrong at it. */
export async function proveSubject(subject: Subject, options: ProveOptions): Promise<Proof> {
  const machine = new ProvedMachine(subject, options);
  const reached = await baselines(subject, options);
  const cases: Case[] = reached.map((baseline, index) =>
    report('-', 'none', baseline.name, baseline.run, judgeBaseline(machine, baseline, index === 0)),
  );
  const { states } = options;
  for (const visit of machine.visits.filter(({ name }) => states === undefined || states.includes(name))) {
    for (const baseline of scenariosFor(visit, reached)) {
      for (const plan of plansFor(machine, visit)) cases.push(await prove(machine, visit.name, baseline, plan, options));
    }
  }
  const unreached = machine.visits.filter((visit) => canRetry(visit.state) && scenariosFor(visit, reached).length === 0);
  return {
    machine: subject.machine.logicalId,
    cases,
    violations: [
      ...cases.flatMap(({ state, fault, scenario, violations }) => violations.map((problem) => `${state}, ${fault}, in ${scenario}: ${problem}`)),
      ...unreached.map(
        ({ name }) =>
          `${name}: no run reached it, so nothing is proved of it; add a scenario that does: { scenarios: { 'a run that ...': { handlers } } }`,
      ),
    ],
  };
}

/** The first run that reaches a state, and those that succeed after what is around it was tried again. */
function scenariosFor(visit: Visit, reached: readonly Baseline[]): Baseline[] {
  const [first, ...others] = reached.filter(({ run }) => run.entered.includes(visit.name));
  const around = outwards(visit).slice(1);
  const retried = others.filter(
    ({ run }) => run.status === 'SUCCEEDED' && around.some(({ name }) => run.attempts[name]?.some(({ error }) => error !== undefined)),
  );
  return first ? [first, ...retried] : [];
}

async function prove(machine: ProvedMachine, state: string, baseline: Baseline, plan: Plan, options: ProveOptions): Promise<Case> {
  const faults = [...baseline.options.faults, ...plan.faults];
  const run = await simulateSubject(machine.subject, { ...baseline.options, faults, jitter: JITTER });
  return report(state, plan.fault, baseline.name, run, [
    ...judgeEnd(machine, run, baseline, plan, options.mayFail),
    ...judgeStruck(machine, run, plan),
    ...judgeAlerts(machine.subject, run),
    ...judgeNotifications(run, baseline.run),
  ]);
}

function judgeStruck(machine: ProvedMachine, run: Simulation, { state, struck }: Plan): string[] {
  if (!struck) return [];
  return judgeTries(run.attempts[state.name] ?? [], struck.error, struck.failures, machine.expected(state, struck.error));
}

function report(state: string, fault: string, scenario: string, run: Simulation, violations: readonly string[]): Case {
  return {
    state,
    fault,
    scenario,
    status: run.status,
    tries: Math.max(0, ...visitsOf(run.attempts[state] ?? []).map((tries) => tries.length)),
    alerts: run.alerts.map(({ by }) => by),
    notifications: run.notifications.length,
    violations,
  };
}
