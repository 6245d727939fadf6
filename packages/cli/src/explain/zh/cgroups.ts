import type { Catalogue } from '../catalogue.ts'

/** Of the isolation driver `namespaces`: control groups, devices and limits. */
export const cgroups: Catalogue = {
  'Making a device node is harmless as long as opening it is forbidden.': '只要禁止打开，创建设备节点并无害处。',
  'The same for block devices: made, but not opened.': '块设备也一样：可以创建，但不能打开。',
  '/dev/null may be used.': '可以使用 /dev/null。',
  '/dev/zero may be used.': '可以使用 /dev/zero。',
  '/dev/full may be used.': '可以使用 /dev/full。',
  '/dev/random may be used.': '可以使用 /dev/random。',
  '/dev/urandom may be used.': '可以使用 /dev/urandom。',
  '/dev/tty, the controlling terminal, may be used.': '可以使用 /dev/tty，即控制终端。',
  '/dev/console may be used.': '可以使用 /dev/console。',
  '/dev/ptmx, which makes new terminals, may be used.': '可以使用 /dev/ptmx，它用来创建新终端。',
  'The terminals that /dev/ptmx makes may be used.': '可以使用 /dev/ptmx 创建的终端。',
  'A control group of its own lets rules apply to all processes of the container, present and future.':
    '有了自己的控制组，规则就适用于容器现在和将来的所有进程。',
  'The control group is a directory that outlives its processes, so it is removed by hand.':
    '控制组是一个比其中的进程活得更久的目录，所以要手工删除。',
  'First every device is forbidden, because root in a container could mknod the disk.':
    '先禁止所有设备，因为容器里的 root 可以用 mknod 创建磁盘的设备节点。',
  'A small BPF program allows the harmless devices only, because root in a container could mknod the disk.':
    '一个小小的 BPF 程序只允许无害的设备，因为容器里的 root 可以用 mknod 创建磁盘的设备节点。',
  'Groups have files of the {1} controller only where the group above gives it to its children.':
    '只有上一级的组把 {1} 控制器交给下级，下级的组里才有它的文件。',
  'The container joins this hierarchy while it runs: all of its processes, and those that they fork meanwhile. (What they have used before is not counted.)':
    '容器在运行中加入这个层级：它的所有进程，以及其间 fork 出来的进程。（之前用掉的不计入。）',
  'At this limit the kernel first takes page cache back, then kills a process of the container.':
    '到达这个限额时，内核先回收页缓存，再杀掉容器的一个进程。',
  'Memory and swap together, so that a container does not fill the swap of all when its memory is full.':
    '内存与交换区合计，免得容器在内存用满后占满大家的交换区。',
  'When the machine is short of memory, it is taken first from groups that have more than their reservation.':
    '机器内存不足时，先从用量超过预留的组里回收。',
  'When processors are short, groups share them by these weights; 1024 is what everybody has.':
    '处理器不够用时，各组按这些权重分配；大家默认都是 1024。',
  'The quota is given anew in each period of so many microseconds.': '每过这么多微秒的一个周期，就重新给一次配额。',
  'So many microseconds may all its processes together run in a period; then they wait for the next one.':
    '它的所有进程在一个周期内合计可以运行这么多微秒，用完就等下一个周期。',
  'The processors on which the container may run.': '容器可以在哪些处理器上运行。',
  'The memory nodes that it may use; a group without any would take no process.':
    '它可以使用的内存节点；一个都没有的组不接收任何进程。',
  'The memory nodes that it may use.': '它可以使用的内存节点。',
  'Processes and threads are counted, so that a fork bomb fills its own group and not the machine.':
    '进程和线程都计数，这样 fork 炸弹填满的是它自己的组，而不是整台机器。',
  'When a disk is busy, groups share it by these weights.': '磁盘繁忙时，各组按这些权重分享。',
  'Requests to this disk wait once the container has had its share of the second.':
    '容器用完这一秒的份额之后，对这块磁盘的请求就要等待。',
  'v2 counts swap apart from memory: this is what --memory-swap is above --memory.':
    'v2 把交换区与内存分开计算：这是 --memory-swap 超出 --memory 的部分。',
  'As long as others have more to give, the kernel does not take this much away.':
    '只要别人还有更多可以回收的，内核就不会动这一部分。',
  'When processors are short, groups share them by these weights; 100 is what everybody has (1024 shares).':
    '处理器不够用时，各组按这些权重分配；大家默认都是 100（相当于 1024 份额）。',
  'Quota and period in microseconds: so long may all its processes together run in a period; then they wait.':
    '配额和周期，单位微秒：它的所有进程在一个周期内合计可以运行这么久，然后等待。',
}
