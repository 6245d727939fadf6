import type { Container, ContainerState, Runtime } from '@rt/runtime'
import { limitsView } from './view/limits-view.ts'

/** `inspect`'s form of a container: Docker's field names where Docker has the field, so that scripts carry over. */
export const dockerView = ({ record, state }: Container, layout: Runtime['layout']): Record<string, unknown> => {
  const { process, root } = record.spec
  const [path, ...args] = process.args
  const directory = layout.container(record.id)
  return {
    Id: record.id,
    Created: record.created,
    Path: path,
    Args: args,
    State: stateView(state),
    Image: `sha256:${record.image.id.replace(/^sha256:/, '')}`,
    Name: `/${record.name}`,
    HostnamePath: `${directory}/hostname`,
    HostsPath: `${directory}/hosts`,
    ResolvConfPath: `${directory}/resolv.conf`,
    Drivers: record.drivers,
    HostConfig: {
      NetworkMode: record.drivers.network,
      AutoRemove: record.autoRemove,
      ReadonlyRootfs: root.readonly,
      MaskedPaths: record.spec.linux.maskedPaths,
      ReadonlyPaths: record.spec.linux.readonlyPaths,
      ...limitsView({ record, state }),
    },
    Config: {
      Hostname: record.spec.hostname,
      User: process.user.username,
      Tty: process.terminal,
      Env: process.env,
      Cmd: process.args,
      Image: record.image.name,
      WorkingDir: process.cwd,
    },
    Mounts: record.spec.mounts
      .filter(({ type }) => type === 'bind')
      .map(({ source, destination, options }) => ({
        Type: 'bind',
        Source: source,
        Destination: destination,
        RW: !options.includes('ro'),
      })),
    Capabilities: process.capabilities,
    NetworkSettings: { Driver: record.network.driver, Interfaces: record.network.interfaces },
  }
}

/** Docker's zero of time. */
const NEVER = '0001-01-01T00:00:00Z'

const stateView = (state: ContainerState): Record<string, unknown> => {
  const process = state.status === 'running' || state.status === 'paused' ? state : undefined
  const end = state.status === 'exited' || state.status === 'dead' ? state : undefined
  return {
    Status: state.status,
    Running: process !== undefined || state.status === 'restarting',
    Paused: state.status === 'paused',
    Restarting: state.status === 'restarting',
    OOMKilled: state.status === 'exited' && state.oomKilled,
    Dead: state.status === 'dead',
    Pid: process?.pid ?? 0,
    ExitCode: end?.exitCode ?? (state.status === 'restarting' ? state.exitCode : 0),
    Error: state.status === 'dead' ? state.reason : '',
    StartedAt: process?.started ?? NEVER,
    FinishedAt: end?.finished ?? NEVER,
  }
}
