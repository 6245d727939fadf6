export { type BackgroundOptions, compilePlan, type MonitorOptions, type PlanInput, SHIM_STEPS } from './compile.ts'
export { canShimPerform } from './host.ts'
