import { builtinDrivers } from '@rt/drivers'
import { createRuntime } from '@rt/runtime'
import { runCode } from './sandbox.ts'

const SCRIPTS = {
  'says hello': 'echo hello; exit 7',
  'never ends': 'while true; do :; done',
  'takes all memory': 'tail /dev/zero',
  'makes too many processes': 'for n in $(seq 100); do sleep 100 & done; wait',
  'calls home': 'ping -c 1 -w 1 203.0.113.1',
  'writes where it may not': 'echo x > /etc/passwd',
  'is somebody else': 'id -u',
}

const rt = await createRuntime({ drivers: builtinDrivers })
// All at once: what one of them does is no other's concern.
const results = await Promise.all(
  Object.entries(SCRIPTS).map(async ([what, code]) => ({ what, ...(await runCode(rt, code)) })),
)
console.log(JSON.stringify(results, null, 2))
