export {
  type BackgroundOptions,
  compilePlan,
  type JoinedNamespace,
  type MonitorOptions,
  type PlanInput,
  SHIM_STEPS,
} from './compile.ts'
export { compileEnterPlan, type EnterPlanInput } from './enter.ts'
export { canShimPerform } from './host.ts'
export { RESOURCES } from './rlimits.ts'
