import { {{kit}} } from '@rt/driver-testkit'
import Driver from '../dist/index.js'

{{kit}}(Driver, { module: new URL('../dist/index.js', import.meta.url) })
