import { ipv6Scenarios } from './ipv6-scenarios.ts'
import { networkScenarios } from './network-scenarios.ts'
import { publishScenarios } from './publish-scenarios.ts'
import { scenarios } from './scenarios.ts'

/** `run.ts SCENARIO RUNROOT`: performs one scenario and prints what it saw as JSON. Started by bridge.test.ts in namespaces of its own. */
const [, , name = '', runRoot = ''] = process.argv
const scenario = { ...scenarios, ...networkScenarios, ...ipv6Scenarios, ...publishScenarios }[name]
if (scenario === undefined) throw new Error(`no scenario ${name}`)
console.log(JSON.stringify(await scenario(runRoot)))
process.exit(0)
