import type { Container, Runtime } from '@rt/runtime'
import { limitsView } from './view/limits-view.ts'

/** `inspect`'s form of a container: Docker's field names where Docker has the field, so that scripts carry over. */
export const dockerView = ({ record, state }: Container, layout: Runtime['layout']): Record<string, unknown> => {
  const { process, root } = record.spec
  const [path, ...args] = process.args
  const directory = layout.container(record.id)
  const running = state.status === 'running'
  return {
    Id: record.id,
    Created: record.created,
    Path: path,
    Args: args,
    State: {
      Status: state.status,
      Running: running,
      Pid: running ? state.pid : 0,
      ExitCode: state.status === 'exited' ? state.exitCode : 0,
      StartedAt: running ? state.started : '',
      FinishedAt: state.status === 'exited' ? state.finished : '',
    },
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
