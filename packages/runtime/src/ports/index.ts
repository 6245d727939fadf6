/** Published ports: loaded by those who have some. */
export { type HeldPorts, holdPorts } from './hold.ts'
export { exposedPorts, parsePublish, type WantedPort, wantedPorts } from './wanted.ts'
