import type { StorageView } from '@rt/driver-api'
import { type Image, isFolderId } from '@rt/images'
import type { ConnectedNetwork, Container, ContainerSize, Runtime } from '@rt/runtime'
import { configView } from './config.ts'
import { hostConfigView } from './host-config.ts'
import { mountsView } from './mounts.ts'
import { networkView } from './network.ts'
import { stateView } from './state.ts'

export interface ContainerViewInput {
  readonly seen: Container
  readonly layout: Runtime['layout']
  /** undefined: it has been removed since. */
  readonly image: Image | undefined
  readonly storage: StorageView
  /** Ids of networks. */
  readonly networkId: (network: ConnectedNetwork) => string
  /** Where it was asked for. */
  readonly size?: ContainerSize
}

/** `inspect`'s form of a container: Docker's field names where Docker has the field, so that scripts carry over. */
export const containerView = ({
  seen,
  layout,
  image,
  storage,
  networkId,
  size,
}: ContainerViewInput): Record<string, unknown> => {
  const { record, state } = seen
  const { process } = record.spec
  const [path, ...args] = process.args
  const directory = layout.container(record.id)
  const hosts = record.spec.mounts.find(({ destination }) => destination === '/etc/hosts')
  return {
    Id: record.id,
    Created: record.created,
    Path: path,
    Args: args,
    State: stateView(state),
    Image: isFolderId(record.image.id) ? record.image.id : `sha256:${record.image.id.replace(/^sha256:/, '')}`,
    ResolvConfPath: `${directory}/resolv.conf`,
    HostnamePath: `${directory}/hostname`,
    HostsPath: hosts?.source ?? '',
    LogPath: record.request.log?.driver === 'none' ? '' : layout.log(record.id),
    Name: `/${record.name}`,
    RestartCount: state.restarts,
    Driver: record.drivers.storage,
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: null,
    HostConfig: hostConfigView(record),
    GraphDriver: {
      Name: record.drivers.storage,
      Data: {
        ...(image && storage.upper !== undefined && { LowerDir: image.layers.join(':') }),
        ...(storage.upper !== undefined && { UpperDir: storage.upper }),
        ...(storage.root !== undefined && { MergedDir: storage.root }),
      },
    },
    ...(size?.written !== undefined && { SizeRw: size.written }),
    ...(size?.total !== undefined && { SizeRootFs: size.total }),
    Mounts: mountsView(record),
    Config: configView(record, image?.config.config),
    NetworkSettings: networkView(seen, networkId),
    // Not Docker's.
    Drivers: record.drivers,
    Capabilities: process.capabilities,
  }
}
