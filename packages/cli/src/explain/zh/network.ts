import type { Catalogue } from '../catalogue.ts'

/** Of the network drivers. */
export const network: Catalogue = {
  'A new network namespace has its loopback interface down; programs expect 127.0.0.1 to answer.':
    '新的网络命名空间里环回接口是关闭的，而程序都指望 127.0.0.1 能应答。',
  "The host's own address on the bridge, which is every container's default gateway.":
    '宿主机自己在网桥上的地址，也是每个容器的默认网关。',
  'Switches it on; the alias says that rt made it and may change it.':
    '把它启用；别名说明它是 rt 创建的，rt 可以改动它。',
  'A switch in the kernel that all containers are plugged into. Its MAC is fixed, because a bridge without one of its own takes the lowest of its ports, and changes it as containers come and go.':
    '内核里的一台交换机，所有容器都插在上面。它的 MAC 是固定的：没有自己 MAC 的网桥会采用各端口中最小的那个，并随着容器来去而改变。',
  'The host must not believe router advertisements that a container sends (CVE-2020-13401).':
    '宿主机不能相信容器发来的路由通告（CVE-2020-13401）。',
  "For others it asks neighbours under its link-local address, and only when that is known to be nobody else's: two seconds late.":
    '替别人询问邻居时，它用的是自己的链路本地地址，而且要等确认无人占用之后才用：会晚两秒。',
  'The bridge has IPv6, whatever other interfaces begin with.': '不管其他接口的初始设置如何，网桥都启用 IPv6。',
  "A cable with two ends: one stays on the host, the other is born as {1} in the container's namespace.":
    '一根有两头的网线：一头留在宿主机上，另一头一出生就是容器命名空间里的 {1}。',
  "Plugs the host's end into {1}, as into a switch.": '把宿主机这一头插进 {1}，就像插进交换机。',
  'Lets the bridge send a packet back where it came from: a container that calls its own published port, where bridges hand packets to the firewall (br_netfilter).':
    '允许网桥把数据包从来路送回去：当网桥把数据包交给防火墙（br_netfilter）时，容器访问自己发布的端口就需要这样。',
  "Takes the cable away: with the host's end goes the container's.":
    '拿走这根网线：宿主机这一头没了，容器那一头也就没了。',
  'Makes the host a router: it passes packets on between the bridge and its other interfaces.':
    '让宿主机成为路由器：在网桥和其他接口之间转发数据包。',
  'The host goes on learning its routes by {1} from router advertisements, which a router would ignore.':
    '宿主机继续从 {1} 上的路由通告学习路由；真正的路由器会忽略这些通告。',
  'Makes the host an IPv6 router: it passes packets on between the bridge and its other interfaces.':
    '让宿主机成为 IPv6 路由器：在网桥和其他接口之间转发数据包。',
  'What rt knows of this host for as long as it is up lies here.': '本次开机期间 rt 对这台宿主机的了解都放在这里。',
  'Remembers that this host did not forward packets, so that `rt system reset` can put it back.':
    '记下这台宿主机原来不转发数据包，好让 `rt system reset` 恢复原状。',
  'Neighbours that remember another MAC for this address are told of the new one.':
    '有些邻居记着这个地址的另一个 MAC，要告诉它们新的。',
  'The bridge has no IPv6; without this the interface would give itself an address and believe router advertisements.':
    '这个网桥没有 IPv6；不这样做，接口会给自己配地址，还会相信路由通告。',
  'This network has IPv6, whatever the ones before it have.': '不管前面的网络怎样，这个网络有 IPv6。',
  'Other containers could send router advertisements (CVE-2020-13401).':
    '别的容器可能会发送路由通告（CVE-2020-13401）。',
  'The address is leased to nobody else, and is to be usable at once.': '这个地址没有租给别人，应当立即可用。',
  "The container's own address, leased for as long as it runs.": '容器自己的地址，租用到它运行结束为止。',
  'A route needs its interface to be up.': '路由要求它的接口已经启用。',
  "Everything that is not on the bridge goes to the host, the bridge's own address.":
    '不在网桥上的一切都发给宿主机，也就是网桥自己的地址。',
  'The bridge begins to send by a new port a moment after it has come up.':
    '新端口启用之后要过一小会儿，网桥才开始从它发送。',
  'To be given its MAC, though it has it, makes the interface announce its addresses: neighbours may remember another one.':
    '接口虽然已有这个 MAC，再设置一次会使它宣告自己的地址：邻居记着的可能是另一个。',
  "Gives {1} back; the veth pair went with the container's network namespace.":
    '归还 {1}；veth 对已随容器的网络命名空间一起消失。',
  'The container publishes nothing any more.': '这个容器不再发布任何端口。',
  'What containers publish on this bridge is noted here.': '容器在这个网桥上发布的端口都记在这里。',
  'Notes what the container publishes, so that its rules can be put back after somebody flushed them.':
    '记下容器发布的端口，万一有人清空了规则，还能恢复。',
  'It belongs to no container that is there.': '它不属于任何现存的容器。',
  'rt made {1}, and nothing is plugged in any more.': '{1} 是 rt 创建的，上面已经没有插任何东西。',
  'Nothing is left to know of {1}.': '关于 {1} 已经没有什么要记的了。',
  'This host did not forward packets before rt made it.': '在 rt 打开转发之前，这台宿主机不转发数据包。',
  'This host did not forward IPv6 packets before rt made it.': '在 rt 打开转发之前，这台宿主机不转发 IPv6 数据包。',
  '{1} believed router advertisements as a host does.': '{1} 原本像普通主机一样相信路由通告。',
  'Lets packets that the host sends from 127.0.0.1 to a published port leave by the bridge; the kernel refuses that otherwise.':
    '允许宿主机从 127.0.0.1 发往已发布端口的数据包经网桥出去；否则内核会拒绝。',
  'Lets the answers to what the host sends from ::1 to a published port come in by the bridge; the kernel refuses that otherwise.':
    '允许宿主机从 ::1 发往已发布端口的数据包的应答经网桥进来；否则内核会拒绝。',
  'Datagrams that the kernel takes for part of an earlier exchange would pass the new rules by.':
    '被内核当作先前会话一部分的数据报会绕过新规则。',
  "What rt's bridges let pass, and under which address, in a table of rt's own; the script replaces it in one go.":
    'rt 的网桥放行什么、以哪个地址出去，都写在 rt 自己的一张表里；脚本一次性替换整张表。',
  'Leads what comes to the published ports to the container.': '把到达已发布端口的数据引到容器。',
  'The ports lead nowhere any more.': '这些端口不再通向任何地方。',
  'Nothing in {1} is for {2} any more.': '{1} 里已经没有为 {2} 准备的内容。',
  'Remembers at which state of the rules they were complete, so that the next start need not look.':
    '记住规则在哪个状态下是完整的，下次启动就不必再检查。',
  'Makes chains of rt’s own; all that others see in theirs is one jump to each of them.':
    '创建 rt 自己的链；别人在他们的链里只会看到通向每条链的一个跳转。',
  "The chains of {1} are rt's own, and no container needs them any more.":
    '{1} 的这些链是 rt 自己的，已经没有容器需要它们。',
  'What is forwarded goes through {1} first, where you may put rules of your own, then through what keeps networks apart.':
    '被转发的数据包先经过 {1}，你可以在那里放自己的规则，然后再经过隔离各网络的规则。',
  'What comes to an address of this host may be for a published port: {1} knows.':
    '到达本机地址的数据包可能是给已发布端口的：由 {1} 判断。',
  'The same for what the host sends to itself.': '宿主机发给自己的数据包也一样。',
  'Lets packets out of the bridge, but not into another one of rt’s, and in only answers and what is for published ports.':
    '数据包可以离开网桥，但不能进入 rt 的另一个网桥；进来的只能是应答，或者是给已发布端口的。',
  'Lets packets out of the bridge and in, but neither to nor from another one of rt’s.':
    '数据包可以进出网桥，但不能往来于 rt 的另一个网桥。',
  'iptables drops what is forwarded: it must let pass what the rules of rt, which are not in it, let pass.':
    'iptables 会丢弃被转发的数据包：rt 的规则不在 iptables 里，它们放行的，iptables 也必须放行。',
  'An internal network: nothing leaves the bridge, nothing comes in.': '内部网络：什么也不离开网桥，什么也进不来。',
  "Nobody beyond the host knows a way back to the containers' addresses: they go out under the host's own.":
    '宿主机以外没有谁知道回到容器地址的路：所以数据包以宿主机自己的地址出去。',
  "Who reaches a published port from the bridge itself does it under the host's address, so that answers come back by the host.":
    '从网桥内部访问已发布端口的，会换成宿主机的地址，这样应答才会经宿主机回来。',
  'Packets of 127.0.0.0/8 may go over {1} for the sake of published ports; from there none is taken (CVE-2020-8558).':
    '为了已发布的端口，127.0.0.0/8 的数据包可以经 {1} 出去；但从那里来的一概不收（CVE-2020-8558）。',
}
