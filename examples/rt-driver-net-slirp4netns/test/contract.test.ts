import { testNetworkDriver } from '@rt/driver-testkit'
import Driver from '../src/index.ts'

const module = new URL('../src/index.ts', import.meta.url)

testNetworkDriver(Driver, { module })
