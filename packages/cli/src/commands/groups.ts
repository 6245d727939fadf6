/** The order of `rt help`. A test holds it against the list of commands. */
export const groups: readonly { readonly title: string; readonly names: readonly string[] }[] = [
  {
    title: 'LIFE OF A CONTAINER',
    names: [
      ...['run', 'create', 'start', 'stop', 'restart', 'kill', 'wait', 'pause', 'unpause', 'rename', 'update', 'rm'],
      'prune',
    ],
  },
  { title: 'INSIDE A CONTAINER', names: ['exec', 'attach', 'cp', 'diff', 'export', 'commit'] },
  { title: 'LOOKING', names: ['ps', 'inspect', 'logs', 'stats', 'top', 'port', 'events'] },
  {
    title: 'IMAGES',
    names: [
      ...[
        'images',
        'pull',
        'push',
        'tag',
        'history',
        'save',
        'load',
        'import',
        'rmi',
        'image inspect',
        'image prune',
        'build',
        'builder prune',
        'login',
      ],
      'logout',
    ],
  },
  {
    title: 'NETWORKS',
    names: ['create', 'ls', 'inspect', 'rm', 'connect', 'disconnect', 'prune', 'reload'].map(
      (name) => `network ${name}`,
    ),
  },
  { title: 'VOLUMES', names: ['create', 'ls', 'inspect', 'rm', 'prune'].map((name) => `volume ${name}`) },
  {
    title: 'DRIVERS',
    names: ['ls', 'inspect', 'add', 'remove', 'verify'].map((name) => `drivers ${name}`),
  },
  {
    title: 'RT AND THIS HOST',
    names: ['explain', 'compare', 'doctor', 'config', 'system df', 'system boot', 'system prune', 'system reset'],
  },
]
