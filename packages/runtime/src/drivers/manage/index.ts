/** What `rt drivers` does: rare, and loaded for that alone. */

export { problemOf } from '../foreign/check.ts'
export { loadForeign } from '../foreign/load.ts'
export { readPackage } from '../installed.ts'
export { foreignModule } from '../registry.ts'
export { type Added, type AddOptions, addDriver, specOf } from './add.ts'
export { chooseDriver, type InspectedDriver, type InspectedOption, inspectDriver } from './inspect.ts'
export { npmInstall } from './npm.ts'
export { removeDriver } from './remove.ts'
export { makeStaging, type Staging } from './staging.ts'
