/**
 * The text of the host's resolv.conf with other nameservers in place of its own; search list and options stay. Comments go:
 * they tell who manages the host's file, which is not true of ours. Source of the format: resolv.conf(5).
 */
export const withNameservers = (host: string, nameservers: readonly string[]): string =>
  [
    ...nameservers.map((address) => `nameserver ${address}`),
    ...host.split('\n').filter((line) => /^\s*(search|domain|options|sortlist)\s/.test(line)),
    '',
  ].join('\n')
