import type { NetworkInterface } from '@rt/driver-api'
import type { Container } from '@rt/runtime'

/** Docker's `NetworkSettings`. A container that does not run has given its address back. */
export const networkView = ({ record, state }: Container): Record<string, unknown> => {
  const { driver } = record.network
  const interfaces = state.pid === 0 ? [] : record.network.interfaces
  const first = endpoint(interfaces.find(({ name }) => name !== 'lo'))
  return {
    Ports: {},
    ...first,
    Networks: { [driver]: { ...first, NetworkID: driver } },
    Driver: driver,
    Interfaces: interfaces,
  }
}

const endpoint = (link: NetworkInterface | undefined): Record<string, unknown> => {
  const [address = '', prefix = '0'] = (link?.addresses[0] ?? '').split('/')
  return { IPAddress: address, IPPrefixLen: Number(prefix), Gateway: link?.gateway ?? '', MacAddress: link?.mac ?? '' }
}
