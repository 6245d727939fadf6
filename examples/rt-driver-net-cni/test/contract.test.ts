import { testNetworkDriver } from '@rt/driver-testkit'
import Driver from '../src/index.ts'

const module = new URL('../src/index.ts', import.meta.url)

/** Debian's plugins, with all that they keep below /run. */
const list = {
  cniVersion: '1.0.0',
  name: 'lab',
  plugins: [
    {
      type: 'bridge',
      bridge: 'cni-lab',
      isGateway: true,
      ipMasq: true,
      hairpinMode: true,
      capabilities: { ips: true, mac: true },
      ipam: {
        type: 'host-local',
        ranges: [[{ subnet: '10.99.0.0/24' }]],
        routes: [{ dst: '0.0.0.0/0' }],
        dataDir: '/run/cni/networks',
      },
    },
    { type: 'portmap', snat: true, capabilities: { portMappings: true } },
  ],
}
const host = `cat > /run/lab.conflist <<'LIST'\n${JSON.stringify(list)}\nLIST`

testNetworkDriver(Driver, { module, host, options: { conflist: '/run/lab.conflist' } })
