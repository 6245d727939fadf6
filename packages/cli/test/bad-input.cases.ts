/** Everything that a user may get wrong on the command line, and what rt says to it. */
export interface Case {
  readonly what: string
  readonly args: readonly string[]
  readonly code: string
  readonly sentence: RegExp
  readonly remedy: RegExp
  /** 125 where undefined: rt itself refused. */
  readonly exitCode?: number
}

export const run = ['run', '--rm']

export const CASES: readonly Case[] = [
  {
    what: 'an unknown image',
    args: [...run, 'no-such-image'],
    code: 'RT_IMAGE_UNKNOWN',
    sentence: /^No image "no-such-image"/,
    remedy: /rt import/,
  },
  {
    what: 'an image name that is none',
    args: [...run, 'Bad//Name'],
    code: 'RT_IMAGE_REFERENCE',
    sentence: /Bad\/\/Name/,
    remedy: /looks like `busybox`/,
  },
  {
    what: 'an unknown network driver, with a suggestion',
    args: ['run', '--network=brigde', 'busybox'],
    code: 'RT_DRIVER_UNKNOWN',
    sentence: /no network driver "brigde".*Did you mean "bridge"\?/,
    remedy: /none, host, bridge/,
  },
  {
    what: 'an unknown storage driver, with a suggestion',
    args: [...run, '--storage=overlai', 'busybox'],
    code: 'RT_DRIVER_UNKNOWN',
    sentence: /no storage driver "overlai".*Did you mean "overlay"\?/,
    remedy: /overlay, copy/,
  },
  {
    what: 'an unknown isolation driver',
    args: [...run, '--isolation=vm', 'busybox'],
    code: 'RT_DRIVER_UNKNOWN',
    sentence: /no isolation driver "vm"/,
    remedy: /namespaces/,
  },
  {
    what: 'a command that is not in the PATH',
    args: [...run, 'busybox', 'no-such-command'],
    code: 'RT_COMMAND_NOT_FOUND',
    sentence: /"no-such-command" was not found in the container/,
    remedy: /PATH/,
    exitCode: 127,
  },
  {
    what: 'a path that does not exist',
    args: [...run, 'busybox', '/no/such/command'],
    code: 'RT_COMMAND_NOT_FOUND',
    sentence: /"\/no\/such\/command" was not found in the container/,
    remedy: /./,
    exitCode: 127,
  },
  {
    what: 'a command in the background that does not exist: an error at the prompt, not a silent success',
    args: [...run, '-d', 'busybox', 'no-such-command'],
    code: 'RT_COMMAND_NOT_FOUND',
    sentence: /no-such-command/,
    remedy: /PATH/,
    exitCode: 127,
  },
  {
    what: 'a file that is not executable',
    args: [...run, 'busybox', '/etc/passwd'],
    code: 'RT_COMMAND_NOT_EXECUTABLE',
    sentence: /"\/etc\/passwd" cannot be executed: permission denied/,
    remedy: /mode/,
    exitCode: 126,
  },
  {
    what: 'a directory as the command',
    args: [...run, 'busybox', '/etc'],
    code: 'RT_COMMAND_NOT_EXECUTABLE',
    sentence: /"\/etc" cannot be executed/,
    remedy: /directory/,
    exitCode: 126,
  },
  {
    what: 'a container name that is none',
    args: [...run, '--name=-x', 'busybox'],
    code: 'RT_NAME_INVALID',
    sentence: /"-x" is not a valid container name/,
    remedy: /letters/,
  },
  {
    what: 'an unknown user',
    args: [...run, '-u', 'nobody-here', 'busybox', 'true'],
    code: 'RT_USER_UNKNOWN',
    sentence: /nobody-here/,
    remedy: /number/,
  },
  {
    what: 'an unknown group',
    args: [...run, '-u', 'root:no-group', 'busybox', 'true'],
    code: 'RT_USER_UNKNOWN',
    sentence: /no-group/,
    remedy: /number/,
  },
  {
    what: 'an unknown capability, with a suggestion',
    args: [...run, '--cap-add=NET_ADMN', 'busybox'],
    code: 'RT_USAGE',
    sentence: /no capability "NET_ADMN"/,
    remedy: /NET_ADMIN/,
  },
  {
    what: 'a bad --add-host',
    args: [...run, '--add-host=nameonly', 'busybox'],
    code: 'RT_USAGE',
    sentence: /--add-host.*nameonly/,
    remedy: /./,
  },
  {
    what: 'an --add-host whose address is none',
    args: [...run, '--add-host=name:not-an-address', 'busybox'],
    code: 'RT_USAGE',
    sentence: /--add-host.*not-an-address/,
    remedy: /./,
  },
  {
    what: 'a --dns that is no address',
    args: ['run', '--rm', '--dns=resolver', 'busybox'],
    code: 'RT_USAGE',
    sentence: /--dns.*resolver/,
    remedy: /./,
  },
  {
    what: 'an env file that does not exist',
    args: [...run, '--env-file=/no/such/file', 'busybox'],
    code: 'RT_USAGE',
    sentence: /\/no\/such\/file cannot be read/,
    remedy: /./,
  },
  {
    what: 'a bad line in an env file',
    args: [...run, '--env-file=/root/bad.env', 'busybox'],
    code: 'RT_USAGE',
    sentence: /\/root\/bad\.env:2:/,
    remedy: /export/,
  },
  {
    what: 'a relative bind source',
    args: [...run, '-v', './here:/there', 'busybox'],
    code: 'RT_USAGE',
    sentence: /must be absolute/,
    remedy: /\$PWD/,
  },
  {
    what: 'a bad host name',
    args: [...run, '--hostname=a b', 'busybox'],
    code: 'RT_USAGE',
    sentence: /"a b" is not a host name/,
    remedy: /letters/,
  },
  {
    what: 'an unknown flag, with a suggestion',
    args: ['run', '--netwrok=none', 'busybox'],
    code: 'RT_USAGE',
    sentence: /no flag --netwrok.*--network/,
    remedy: /rt run --help/,
  },
  {
    what: 'an unknown command, with a suggestion',
    args: ['rnu', 'busybox'],
    code: 'RT_USAGE',
    sentence: /no command "rnu".*"run"/,
    remedy: /rt --help/,
  },
  { what: 'no image at all', args: ['run'], code: 'RT_USAGE', sentence: /IMAGE/, remedy: /--help/ },
  {
    what: 'a container that is not there',
    args: ['rm', 'no-such-container'],
    code: 'RT_CONTAINER_UNKNOWN',
    sentence: /no-such-container/,
    remedy: /rt ps -a/,
    exitCode: 1,
  },
  {
    what: 'an image to remove that is not there',
    args: ['rmi', 'no-such-image'],
    code: 'RT_IMAGE_UNKNOWN',
    sentence: /no-such-image/,
    remedy: /rt images/,
  },
]
