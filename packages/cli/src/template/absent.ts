/**
 * Fields of Docker's that JSON leaves out where they are empty, with what a template finds there none the less: scripts for Docker ask for them
 * without a look.
 */
export const ABSENT: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ...['ContainerIDFile', 'Driver', 'Isolation', 'Name', 'StopSignal', 'UsernsMode', 'VolumeDriver'].map(
    (name): [string, unknown] => [name, ''],
  ),
  ...['ExposedPorts', 'Sysctls', 'StorageOpt', 'Annotations'].map((name): [string, unknown] => [name, {}]),
  ...['Links', 'OnBuild', 'Shell', 'DeviceRequests'].map((name): [string, unknown] => [name, []]),
  ...['Health', 'Healthcheck', 'OomKillDisable', 'SizeRootFs', 'SizeRw', 'StopTimeout'].map(
    (name): [string, unknown] => [name, null],
  ),
])
