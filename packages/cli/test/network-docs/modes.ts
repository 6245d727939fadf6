/** One page of docs/network/: what is set up, and what people are told about it. All else on the page is seen, not written. */
export interface Mode {
  /** The file's name, less its `.md`. */
  readonly file: string
  readonly title: string
  /** What it is and when it is the right one; Docker's and Podman's word for it. */
  readonly about: string
  /** Arguments of rt, before the container is started. */
  readonly before?: readonly (readonly string[])[]
  /** Flags of the container that the page is about; it is called `web`. */
  readonly flags: readonly string[]
  /** A second container, `mate`, where the way between two matters. */
  readonly mate?: readonly string[]
  readonly flows: readonly Flow[]
  readonly ipv6?: true
  /** What goes wrong, and what is left out on purpose. */
  readonly notes?: readonly string[]
}

/** A request that is really made; the page shows what connection tracking knew of it and whom the server saw. */
export interface Flow {
  readonly from: 'web' | 'mate' | 'host' | 'internet'
  readonly to: string
  readonly port: number
  readonly what: string
}

export const MODES: readonly Mode[] = [
  {
    file: 'none',
    title: '--network=none: loopback and nothing else',
    about:
      'The container has a network namespace of its own with only `lo` in it. Nothing gets in or out: right for computing on files, and for code that is not trusted. ' +
      'The same as Docker’s `--network none`.',
    flags: ['--network=none'],
    flows: [{ from: 'web', to: '203.0.113.1', port: 9000, what: 'a server in the internet' }],
  },
  {
    file: 'host',
    title: '--network=host: the host’s own interfaces',
    about:
      'No network namespace is made: the container’s programs use the host’s interfaces, addresses, ports, routes and name servers as if they were started on the host. Nothing is as fast, ' +
      'and nothing is kept apart: a port that the container listens on is the host’s, and `-p` means nothing (rt says so and goes on, as Docker does).',
    flags: ['--network=host'],
    flows: [
      { from: 'web', to: '203.0.113.1', port: 9000, what: 'a server in the internet' },
      { from: 'internet', to: '198.51.100.2', port: 80, what: 'a server in the container' },
    ],
  },
  {
    file: 'bridge',
    title: '--network=bridge: a switch, and NAT on the way out',
    about:
      'The default. The host has a switch in its kernel, `br0`. Each container has a cable to it (a veth pair), an address of the bridge’s subnet and the bridge’s own address as its gateway. ' +
      'Packets to the outside are routed by the host and leave under the host’s address (masquerade). Docker calls it `bridge` and its switch `docker0`.',
    flags: ['--network=bridge'],
    mate: ['--network=bridge'],
    flows: [
      { from: 'web', to: '203.0.113.1', port: 9000, what: 'a server in the internet' },
      { from: 'web', to: 'mate', port: 81, what: 'another container: over the switch, by its own address' },
      { from: 'host', to: 'web', port: 81, what: 'the host to the container, by its address' },
      {
        from: 'internet',
        to: 'web',
        port: 81,
        what: 'a neighbour that routes to the container: not published, so not let in',
      },
    ],
    notes: [
      'The bridge has a MAC of its own, made from its address. A bridge without one takes the lowest of its ports’, and changes it as containers come and go.',
      'Only what is an answer, or comes to a published port, is let into the bridge from outside, even where the policy of FORWARD is ACCEPT.',
      'No rule of others is read, changed or moved. The chain `RT-USER` is yours: rt makes it once, empty, asks it first, and never writes into it.',
    ],
  },
  {
    file: 'published-ports',
    title: '-p: ports of the host that lead into a container',
    about:
      'A published port is one of the host’s whose packets get another destination (DNAT): the container’s address and port. It works from outside, from the host itself, from other containers and from the container ' +
      'itself. No proxy process is in between; the host’s port is held by a socket of the container’s monitor, so that nobody else can take it.',
    flags: ['--network=bridge', '-p8080:80'],
    mate: ['--network=bridge'],
    flows: [
      { from: 'internet', to: '198.51.100.2', port: 8080, what: 'from outside: the server sees who really asks' },
      { from: 'host', to: '127.0.0.1', port: 8080, what: 'from the host, by localhost' },
      { from: 'host', to: '198.51.100.2', port: 8080, what: 'from the host, by its own address' },
      { from: 'mate', to: '198.51.100.2', port: 8080, what: 'from another container, by the host’s address' },
      { from: 'web', to: '198.51.100.2', port: 8080, what: 'from the container to itself (hairpin)' },
    ],
    notes: [
      'Published ports are let in before a firewall such as ufw sees them (moby #22054). `network.bridge.publishAddress: 127.0.0.1` in the config publishes on localhost unless an address is given; rules in `RT-USER` come first.',
      'From 127.0.0.1 the kernel routes to a bridge only with `route_localnet`; rt sets it on the bridge alone, while such a port is published, and drops what a container sends to 127.0.0.0/8 (CVE-2020-8558). How `[::1]` leads there is on the page of [IPv6](ipv6.md).',
      'A running container that leaves its first network (`rt network disconnect`) keeps its published ports: they lead through the next one that has a way out. Where there is none, `rt` says so; they lead through the next network that it is connected to.',
    ],
  },
  {
    file: 'user-defined',
    title: 'rt network create: networks of your own',
    about:
      'Each network has a bridge, a subnet and rules of its own. Containers of one network reach each other by name; those of different networks do not reach each other at all, unless a container is in both ' +
      '(`rt network connect`) or a port is published.',
    before: [
      ['network', 'create', '--subnet=10.51.0.0/24', '--opt=name=front0', 'front'],
      ['network', 'create', '--subnet=10.52.0.0/24', '--opt=name=back0', '--internal', 'back'],
    ],
    flags: ['--network=front', '--network=back'],
    mate: ['--network=back'],
    flows: [
      { from: 'web', to: '203.0.113.1', port: 9000, what: 'a server in the internet, by the first network' },
      { from: 'web', to: 'mate', port: 81, what: 'a container of the second network' },
      { from: 'mate', to: '203.0.113.1', port: 9000, what: 'the internal network has no way out' },
    ],
    notes: [
      'The first network is the container’s way out; `eth0` belongs to it, `eth1` to the second.',
      'A subnet that the host routes already (a VPN’s, say) is refused when it is asked for and passed over when rt chooses one.',
    ],
  },
  {
    file: 'ipv6',
    title: '--ipv6: a network with both families',
    about:
      'The network has an IPv6 subnet besides (a unique local one of its own where none is given). Addresses are set, not discovered: the container believes no router advertisement, and does not wait for duplicate address detection. ' +
      'On the way out they are masqueraded as IPv4’s are.',
    before: [
      ['network', 'create', '--ipv6', '--subnet=10.51.0.0/24', '--subnet=fd00:51::/64', '--opt=name=six0', 'six'],
    ],
    flags: ['--network=six', '-p8080:80'],
    ipv6: true,
    flows: [
      { from: 'web', to: '2001:db8:2::1', port: 9000, what: 'a server in the internet' },
      { from: 'internet', to: '2001:db8:1::2', port: 8080, what: 'a published port' },
      { from: 'host', to: '::1', port: 8080, what: 'from the host, by localhost' },
    ],
    notes: [
      'Forwarding IPv6 makes a host deaf to router advertisements, and many hosts have their own default route from one: interfaces that listened go on listening (`accept_ra` 2). `rt system reset` puts both back.',
      'Packets for `::1` are let in by the loopback interface alone, and IPv6 has no `route_localnet`. Where the answer becomes one for `::1` only behind that check, it needs no more than a local route at the bridge, which rt adds with the first published port and which goes with the bridge. A container cannot use it: what it sends to `::1` itself, the kernel drops before any rule.',
      'Where bridges show their packets to ip6tables (`net.bridge.bridge-nf-call-ip6tables` 1, as Docker and Kubernetes set it), the answer becomes one for `::1` before that check, and the kernel drops it. There `[::1]` is refused at once, and programs go on to 127.0.0.1. Who switches it on later has connections to `[::1]` hang until the next start that publishes a port on an IPv6 network, or `rt network reload`, puts the rule right; the same opens `[::1]` when it has been switched off.',
    ],
  },
  {
    file: 'container',
    title: '--network=container:NAME: the namespace of another container',
    about:
      'No interface is made: the container joins the network namespace of one that runs. They share addresses, ports and `localhost`, as the containers of a Kubernetes pod do; name, processes and files stay apart.',
    before: [['run', '-d', '--name=first', '--network=bridge', 'busybox', 'sleep', '1000']],
    flags: ['--network=container:first'],
    flows: [
      { from: 'web', to: '203.0.113.1', port: 9000, what: 'a server in the internet, under the address of both' },
    ],
    notes: [
      'Ports are published by the container whose network it is. The namespace lasts as long as one of the two runs.',
    ],
  },
]
