import { alert } from './alert';
import { catchAllLast } from './catch-all-last';
import { choiceDefault } from './choice-default';
import { cycles } from './cycles';
import { datasets } from './datasets';
import { expressChildren } from './express-children';
import { expressIntegrations } from './express-integrations';
import { iamPrefix } from './iam-prefix';
import { jsonataSyntax } from './jsonata-syntax';
import { jsonpath } from './jsonpath';
import { mapCost } from './map-cost';
import { names } from './names';
import { nestedRetry } from './nested-retry';
import { retry } from './retry';
import type { Rule } from './rule';
import { swallowed } from './swallowed';
import { targets } from './targets';
import { unboundedPoll } from './unbounded-poll';
import { variables } from './variables';
import { waitCost } from './wait-cost';
import { waitLoop } from './wait-loop';
import { watermark } from './watermark';

/** Every rule, in the order in which its findings are reported: how the machine is joined, what it says, how it fails, what flows through it, what it costs. */
export const RULES: readonly Rule[] = [
  names,
  targets,
  choiceDefault,
  cycles,
  waitLoop,
  unboundedPoll,
  jsonpath,
  jsonataSyntax,
  variables,
  retry,
  nestedRetry,
  expressChildren,
  expressIntegrations,
  catchAllLast,
  alert,
  swallowed,
  iamPrefix,
  datasets,
  watermark,
  mapCost,
  waitCost,
];
