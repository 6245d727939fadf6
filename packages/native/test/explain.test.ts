import { spawnSync } from 'node:child_process'
import type { HostStep, SandboxStep } from '@rt/driver-api'
import { describe, expect, it } from 'vitest'
import { explainStep, OUTSIDE, toShell } from '../src/explain/index.ts'
import { feed, quote } from '../src/explain/quote.ts'

const why = 'test'
const bash = (script: string): string => spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout

describe('quoting', () => {
  it.each(['', 'plain', "it's", '$HOME `x` "q" \\ !', 'two\nlines', '-n', '*', 'ümlaut'])(
    '%j survives bash',
    (word) => {
      expect(bash(`printf '%s|' ${quote(word)}`)).toBe(`${word}|`)
    },
  )

  it.each(['no newline at the end', 'lines\nEOF\nEOF_\n', '', "$HOME 'x'\n", '\n'])('%j is fed exactly', (text) => {
    expect(bash(feed('cat', text).join('\n'))).toBe(text)
  })
})

describe('steps as commands', () => {
  it('feed the program, whether it may fail or not', () => {
    const fed = (argv: [string, ...string[]], stdin: string): string =>
      bash(
        ['set -e', ...toShell({ op: 'exec', where: 'host', argv, stdin, allowFailure: true, why }), 'echo on'].join(
          '\n',
        ),
      )
    expect(fed(['cat'], 'text\n')).toBe('text\non\n')
    expect(fed(['cat'], 'text')).toBe('texton\n')
    expect(fed(['sh', '-c', 'cat; exit 7'], 'text\n')).toBe('text\non\n')
  })

  it.each<[string, HostStep | SandboxStep | Parameters<typeof toShell>[0], string[]]>([
    [
      'a veth',
      {
        op: 'link.add',
        where: 'host',
        kind: 'veth',
        name: 'v',
        mtu: 1400,
        peer: { name: 'eth0', mac: '02:00:00:00:00:01' },
        why,
      },
      ['ip link add name v mtu 1400 type veth peer name eth0 address 02:00:00:00:00:01 netns "$netns"'],
    ],
    [
      'a port with an alias',
      { op: 'link.set', where: 'host', name: 'v', master: 'br0', up: true, alias: "rt's", why },
      [`ip link set dev v alias 'rt'\\''s' master br0 up`],
    ],
    [
      'a local route, which may be there',
      { op: 'route.add', where: 'host', to: '::1/128', link: 'br0', type: 'local', metric: 2048, why },
      ['ip route append local ::1/128 dev br0 table local metric 2048 2>/dev/null || true'],
    ],
    [
      'a port that gets back what it sent',
      { op: 'link.set', where: 'host', name: 'v', hairpin: true, why },
      ['ip link set dev v type bridge_slave hairpin on'],
    ],
    [
      'waiting for a port',
      { op: 'link.await', where: 'host', name: 'v', why },
      ["for _ in $(seq 100); do ip -o link show dev v | grep -q ' state UP ' && break; sleep 0.01; done"],
    ],
    [
      'an address inside',
      { op: 'addr.add', where: 'netns', link: 'eth0', address: '172.16.0.2/16', why },
      ['nsenter --net=/proc/"$netns"/ns/net ip addr replace 172.16.0.2/16 broadcast + dev eth0'],
    ],
    [
      'a sysctl inside',
      { op: 'sysctl', where: 'netns', key: 'net.ipv4.ip_forward', value: '1', why },
      [`nsenter --net=/proc/"$netns"/ns/net sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'`],
    ],
    [
      'a batch of rules',
      { op: 'exec', where: 'host', argv: ['iptables-restore', '--noflush'], stdin: '*nat\nCOMMIT\n', why },
      [`iptables-restore --noflush <<'EOF'`, '*nat', 'COMMIT', 'EOF'],
    ],
    [
      'a macvlan inside',
      { op: 'link.add', where: 'netns', kind: 'macvlan', name: 'eth0', parent: 'eth1', mode: 'bridge', why },
      [
        'ip link add link eth1 name rt-new netns "$netns" type macvlan mode bridge',
        'nsenter --net=/proc/"$netns"/ns/net ip link set rt-new name eth0',
      ],
    ],
    [
      'a macvlan of the host',
      { op: 'link.add', where: 'host', kind: 'macvlan', name: 'm', parent: 'eth1', mode: 'vepa', why },
      ['ip link add link eth1 name m type macvlan mode vepa'],
    ],
    [
      'a program that may enter the network namespace',
      { op: 'exec', where: 'host', argv: ['plug', '/proc/self/fd/3'], netns: true, why },
      ['plug /proc/self/fd/3 3< /proc/"$netns"/ns/net'],
    ],
    [
      'a program that runs where something is missing',
      { op: 'exec', where: 'host', argv: ['make', '/x y'], when: { missing: '/x y' }, why },
      [`if [ ! -e '/x y' ]; then`, `make '/x y'`, 'fi'],
    ],
    [
      'a directory in what was mounted',
      { op: 'mounted.mkdir', where: 'sandbox', path: '/m/upper', mode: 0o755, why },
      ['mkdir -p -m 0755 -- /m/upper'],
    ],
    [
      'an exec in other words',
      { op: 'exec', where: 'host', argv: ['x'], shell: ['iptables -t nat -N RT'], why },
      ['iptables -t nat -N RT'],
    ],
    [
      'a bind mount inside',
      {
        op: 'mount',
        where: 'sandbox',
        source: '/h',
        target: '/etc/hosts',
        inside: true,
        flags: ['bind', 'rec'],
        create: 'file',
        why,
      },
      [
        '[ -e "$root"/etc/hosts ] || { mkdir -p -- "$(dirname -- "$root"/etc/hosts)"; : > "$root"/etc/hosts; }',
        'mount --rbind /h "$root"/etc/hosts',
      ],
    ],
    [
      'a remount',
      { op: 'mount', where: 'sandbox', source: '', target: '/x', inside: false, flags: ['remount', 'bind', 'ro'], why },
      ['mount -o ro,bind,remount /x'],
    ],
    [
      'propagation',
      { op: 'mount', where: 'sandbox', source: 'none', target: '/', inside: false, flags: ['rec', 'private'], why },
      ['mount --make-rprivate /'],
    ],
    [
      'capabilities',
      { op: 'process.capabilities', where: 'sandbox', keep: ['CAP_CHOWN', 'CAP_NET_RAW'], why },
      ['setpriv+=(--inh-caps=-all --bounding-set=-all,+chown,+net_raw)'],
    ],
    ['root', { op: 'process.user', where: 'sandbox', user: '', additionalGids: [], why }, [`find_user '' ''`]],
    ['a user', { op: 'process.user', where: 'sandbox', user: 'a:b', additionalGids: [7], why }, ['find_user a b 7']],
  ])('%s', (_what, step, lines) => {
    const normal = (line: string) =>
      line.replace(/-o \S*remount\S*/, (words) => `-o ${words.slice(3).split(',').sort().join()}`)
    expect(toShell(step, OUTSIDE).map(normal)).toEqual(lines.map(normal))
  })

  it('come with their reason and where to read more', () => {
    const step: HostStep = { op: 'dir.remove', where: 'host', path: '/a b', why: 'Tidy.', see: 'rmdir(1)' }
    expect(explainStep(step)).toEqual({
      step,
      why: 'Tidy.',
      see: 'rmdir(1)',
      commands: [`[ ! -d '/a b' ] || rmdir -- '/a b'`],
    })
  })
})
