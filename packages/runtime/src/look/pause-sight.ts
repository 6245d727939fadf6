import type { IsolationDriver } from '@rt/driver-api'
import type { DriverRegistry } from '../drivers/registry.ts'
import type { Container } from '../store/containers.ts'

/** Whether containers are paused only the kernel knows: asked through the driver that isolates them. */
export class PauseSight {
  readonly #registry: DriverRegistry
  readonly #drivers = new Map<string, IsolationDriver>()

  constructor(registry: DriverRegistry) {
    this.#registry = registry
  }

  async look(container: Container): Promise<Container> {
    const { record, state } = container
    if (state.status !== 'running') return container
    const name = record.drivers.isolation
    let driver = this.#drivers.get(name)
    if (!driver) {
      driver = await this.#registry.resolve('isolation', name)
      this.#drivers.set(name, driver)
    }
    return driver.isFrozen?.({ id: record.id }) ? { record, state: { ...state, status: 'paused' } } : container
  }
}
