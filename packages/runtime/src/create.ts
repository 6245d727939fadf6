import 'reflect-metadata'
import { ImageStore } from '@rt/images'
import { container } from 'tsyringe'
import type { Config } from './config/config.ts'
import { currentDirectory } from './current-directory.ts'
import { type DriverModule, DriverRegistry } from './drivers/registry.ts'
import { Layout } from './layout.ts'
import { loadConfig } from './load-config.ts'
import { Runtime } from './runtime.ts'
import { CONFIG, DRIVER_MODULES, IMAGES, LAYOUT } from './tokens.ts'

export interface RuntimeOptions {
  /** The drivers of this distribution; the runtime itself names none. */
  readonly drivers: readonly DriverModule[]
  /** Settings that beat files and environment: `network`, `storage`, `isolation`, `root`, `run-root`. */
  readonly settings?: Readonly<Record<string, string | undefined>>
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
}

/** Reads the config and puts the parts together. @throws RtError RT_CONFIG_INVALID */
export const createRuntime = async (options: RuntimeOptions): Promise<Runtime> => {
  const config: Config = await loadConfig({
    env: options.env ?? process.env,
    cwd: options.cwd ?? currentDirectory(),
    flags: options.settings ?? {},
    drivers: (axis) => options.drivers.filter((d) => d.axis === axis).map((d) => d.name),
  })
  const scope = container.createChildContainer()
  scope.register(CONFIG, { useValue: config })
  scope.register(DRIVER_MODULES, { useValue: options.drivers })
  scope.register(LAYOUT, { useValue: new Layout(config.root, config.runRoot) })
  scope.register(IMAGES, { useFactory: () => new ImageStore(config.root) })
  scope.registerSingleton(DriverRegistry)
  return scope.resolve(Runtime)
}
