import { RtError } from '@rt/driver-api'

/** HOST_NAME_MAX of Linux */
const LONGEST = 64
const LABEL = /^[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?$/

/**
 * What `--hostname` says, checked.
 * @throws RtError RT_USAGE for what is no host name (RFC 1123) or longer than the kernel takes
 */
export const checkHostname = (name: string): string => checked('--hostname', 'a host name', name)

/** The same for `--domainname`. */
export const checkDomainname = (name: string): string => checked('--domainname', 'the name of a domain', name)

function checked(flag: string, what: string, name: string): string {
  if (name.length <= LONGEST && name.split('.').every((part) => part.length <= 63 && LABEL.test(part))) return name
  throw new RtError('RT_USAGE', `${flag}: "${name}" is not ${what}.`, {
    remedy: `Use at most ${LONGEST} letters, digits, "-" and ".", with a letter or digit at both ends.`,
  })
}
