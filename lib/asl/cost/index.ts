export type { Assumptions, Case, Size } from './assumptions';
export { countRun, type RunCount, type StateCount } from './count';
export { type Estimate, estimate, MOST_EVENTS, type RunCost, type StateCost } from './estimate';
export { observed } from './observed';
export { type OwnPrices, PRICES, PRICES_REGION, type Price, type PriceName } from './prices';
export type { Usage } from './services';
