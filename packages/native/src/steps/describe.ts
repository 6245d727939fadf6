import type { Step } from '@rt/driver-api'

/** What a step does, for a sentence that begins with "Could not": `give br0 the address 172.16.0.1/16`. */
export const describe = (step: Step): string => {
  switch (step.op) {
    case 'link.add':
      return `add the ${step.kind} ${step.name}`
    case 'link.set':
      return `configure the interface ${step.name}`
    case 'link.await':
      return `wait for the interface ${step.name}`
    case 'link.del':
      return `delete the interface ${step.name}`
    case 'addr.add':
      return `give ${step.link} the address ${step.address}`
    case 'route.add':
      return `add the route to ${step.to} by ${step.link}`
    case 'sysctl':
      return `set ${step.key} to ${step.value}`
    case 'exec':
      return `run ${step.argv.join(' ')}`
    case 'helper.start':
      return `start ${step.argv.join(' ')}`
    case 'conntrack.flush':
      return `forget connections to ${step.protocol} port ${step.ports.join(', ')}`
    case 'dir.make':
    case 'inside.mkdir':
    case 'mounted.mkdir':
      return `make the directory ${step.path}`
    case 'file.write':
    case 'cgroup.write':
      return `write ${step.path}`
    case 'file.link':
      return `link ${step.path} to ${step.to}`
    case 'file.remove':
    case 'dir.remove':
    case 'tree.remove':
      return `remove ${step.path}`
    case 'tree.copy':
      return `copy ${step.from} to ${step.to}`
    case 'quota.limit':
      return `limit ${step.paths.join(' and ')} to ${step.bytes} bytes`
    case 'lines.make':
      return `make ${step.path}`
    case 'lines.add':
      return `add lines to the files of ${step.directory}`
    case 'lines.join':
    case 'lines.part':
      return `change the lines of ${step.path}`
    case 'lines.remove':
      return `end the lines of ${step.marker} in ${step.directory}`
    case 'cgroup.make':
      return `make the cgroup ${step.path}`
    case 'cgroup.remove':
      return `remove the cgroup ${step.path}`
    case 'cgroup.kill':
      return `end the processes of ${step.path}`
    case 'cgroup.gather':
      return `move the processes of ${step.from} into ${step.path}`
    case 'cgroup.freeze':
      return `${step.frozen ? 'freeze' : 'thaw'} the processes of ${step.path}`
    case 'cgroup.devices':
      return `restrict the devices of the cgroup ${step.path}`
    case 'mount':
      return step.flags.includes('remount') ? `remount ${step.target}` : `mount ${step.target}`
    case 'process.chdir':
      return `change to the directory ${step.path}`
    case 'process.exec':
      return `execute ${step.argv[0]}`
    case 'process.user':
      return `become the user ${step.user === '' ? 'root' : step.user}`
    case 'process.groups':
      return `join the groups ${step.groups.join(', ')}`
    default:
      return `do ${step.op}${'path' in step ? ` ${step.path}` : ''}`
  }
}
