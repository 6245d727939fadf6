export { default } from './driver.ts'
export { type BridgeOptions, readBridgeOptions } from './options.ts'
export { type BridgeObservation, DRIVER_NAME, planBridge } from './plan.ts'
