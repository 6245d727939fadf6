import { RtError } from '@rt/driver-api'
import { isRoot } from '@rt/native'

export const requireRoot = (): void => {
  if (!isRoot()) throw new RtError('RT_NOT_ROOT', 'rt makes namespaces, mounts and networks, which only root may')
}
