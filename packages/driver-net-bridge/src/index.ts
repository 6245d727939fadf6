export { default } from './driver.ts'
export { type BridgeOptions, readBridgeOptions } from './options.ts'
export { DRIVER_NAME } from './paths.ts'
export { type BridgeObservation, planBridge } from './plan.ts'
