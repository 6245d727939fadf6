import { existsSync, unlinkSync } from 'node:fs'
import type { IsolationDriver } from '@rt/driver-api'
import { isLocked, performSteps } from '@rt/native'
import type { DriverRegistry } from '../drivers/registry.ts'
import type { Layout } from '../layout.ts'
import type { Container } from '../store/containers.ts'

/**
 * Whether containers are paused only the kernel knows: asked through the driver that isolates them. One that stands still for somebody who
 * wanted that for a moment (`commit`) and was killed meanwhile goes on.
 */
export class PauseSight {
  readonly #registry: DriverRegistry
  readonly #layout: Layout
  readonly #drivers = new Map<string, IsolationDriver>()

  constructor(registry: DriverRegistry, layout: Layout) {
    this.#registry = registry
    this.#layout = layout
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
    if (!driver.isFrozen?.({ id: record.id })) return container
    const marker = this.#layout.frozen(record.id)
    if (!existsSync(marker) || isLocked(marker)) return { record, state: { ...state, status: 'paused' } }
    performSteps((await driver.freeze?.({ id: record.id }, false)) ?? [])
    unlinkSync(marker)
    return container
  }
}
