import type { Catalogue } from '../catalogue.ts'

/** Of the isolation driver `namespaces`: what the program sees and may do. */
export const isolation: Catalogue = {
  'Programs that fit themselves to their limits read them here; they see their own control group as the top, and cannot change it.':
    '会按限额调整自己的程序在这里读取限额；它们看到自己的控制组是最顶层，而且改不了。',
  "{1} is one of the host's devices, which was asked for.": '{1} 是宿主机的设备之一，这是所要求的。',
  'It was asked that the container share a pid namespace: this proc shows all processes of that.':
    '要求容器共用一个 pid 命名空间：这个 proc 显示其中所有的进程。',
  'It was asked for.': '这是所要求的。',
  "It was asked that the program be in these groups, too, which are looked up in the container's own group file.":
    '要求程序也属于这些组；它们在容器自己的 group 文件里查找。',
  'It was asked that {1} be limited for each process of the container.': '要求限制容器中每个进程的 {1}。',
  'When memory runs out the kernel kills the process with the highest score, and this is added to it.':
    '内存耗尽时，内核会杀掉得分最高的进程；这个值会加到得分上。',
  "It was asked that the container's namespaces have {1}={2}; /proc/sys is read-only afterwards.":
    '要求容器的命名空间里 {1}={2}；之后 /proc/sys 就是只读的。',
  'The first process gets every orphan of the container, and programs seldom wait for children that are not theirs: a small one stays that does.':
    '容器里的孤儿进程都归第一个进程，而一般程序很少等待不是自己的子进程：所以留下一个小程序专门做这件事。',
  "The kernel's {1} tells of the whole machine; lxcfs makes one that tells of the container's limits.":
    '内核的 {1} 说的是整台机器；lxcfs 提供的则说的是容器的限额。',
  'Programs count the processors here; lxcfs shows those that the container may use.':
    '程序在这里数处理器；lxcfs 只显示容器可以使用的那些。',
  "The container's control group becomes the top of what it sees, so that it does not learn the host's.":
    '容器的控制组成为它所见的最顶层，这样它就看不到宿主机的控制组。',
  'Root in a container keeps only the rights that ordinary services need; a dropped one cannot be won back, not even by a setuid program.':
    '容器里的 root 只保留普通服务需要的权限；放弃的权限拿不回来，setuid 程序也不行。',
  'It was asked that setuid programs give no rights in this container.': '要求 setuid 程序在这个容器里不给任何权限。',
  'The program starts in this directory, which is made where the image lacks it.':
    '程序从这个目录启动；镜像里没有时就创建它。',
  'A terminal of its own gives the program line editing, job control and ^C.':
    '有了自己的终端，程序就有行编辑、作业控制和 ^C。',
  'The UTS namespace has a host name of its own, which the shell prompt shows.':
    'UTS 命名空间有自己的主机名，shell 提示符会显示它。',
  'Signal handling, limits and umask are inherited through exec, so what the runtime set for itself is put back.':
    '信号处理、资源限制和 umask 会经 exec 继承，所以要把运行时为自己做的设置恢复原样。',
  'All containers share one kernel, so the system calls that they do not need, and that past exploits used, are refused.':
    '所有容器共用一个内核，所以拒绝它们不需要、而过去的漏洞利用过的系统调用。',
  "The program runs as the container's root, in the groups that its own /etc/group gives root.":
    '程序以容器的 root 身份运行，所属的组由容器自己的 /etc/group 决定。',
  "The program runs as {1}, looked up in the container's own passwd file; leaving uid 0 also gives up its capabilities.":
    '程序以 {1} 的身份运行，在容器自己的 passwd 文件里查找；离开 uid 0 也就放弃了它的各项能力（capabilities）。',
  'The runtime becomes the program, which is then process 1 of the container.':
    '运行时变成这个程序，它就是容器里的 1 号进程。',
  'A new mount namespace starts as a copy that still shares events with the host; private means that no mount made here shows up there.':
    '新的挂载命名空间起初是一份副本，仍与宿主机共享挂载事件；设为 private 之后，这里的挂载就不会出现在宿主机上。',
  'No control group guards devices on this host, so device nodes that the image brings must not open.':
    '这台宿主机上没有控制组把守设备，所以镜像自带的设备节点不得打开。',
  'From here on, paths are looked up below the new root, and links of the image cannot lead out of it.':
    '从这里开始，路径都在新的根之下解析，镜像里的链接不能把人引到外面去。',
  '{1} tells about, or reaches into, the host and is not namespaced, so it is covered.':
    '{1} 会透露或触及宿主机，又不受命名空间隔离，所以把它盖住。',
  'Writing to {1} would change settings of the whole host.': '写 {1} 会改变整台宿主机的设置。',
  'The container root becomes / and the old root is unmounted, so there is no way back to it, which chroot alone would leave.':
    '容器的根成为 /，旧的根被卸载，于是没有路可以回去；单用 chroot 会留下这样的路。',
  'The container root is moved onto / and chroot makes it the root of all paths, as on an initramfs, which cannot be pivoted.':
    '把容器的根移到 / 上，再用 chroot 使它成为所有路径的根；在 initramfs 上只能这样，因为它不能 pivot。',
  'A read-only root was asked for; it comes this late because mount points had to be made in it.':
    '要求根是只读的；之所以到这时才做，是因为先要在里面创建挂载点。',
  "A proc mounted inside the new pid namespace shows the container's processes only, and ps reads it.":
    '在新的 pid 命名空间里挂载的 proc 只显示容器的进程，ps 读的就是它。',
  "A fresh /dev in memory takes the place of whatever device nodes the image brings, so none of the host's disks is in it.":
    '内存里全新的 /dev 取代镜像自带的设备节点，里面没有宿主机的任何磁盘。',
  "A devpts instance of its own keeps the container from seeing or opening the host's terminals.":
    '自己的 devpts 实例使容器看不到也打不开宿主机的终端。',
  'Programs look up devices and network interfaces in sysfs; it is read-only because writing there configures the host.':
    '程序在 sysfs 里查找设备和网络接口；它是只读的，因为往里写就是在配置宿主机。',
  'The container sees its own control group as the top of the tree, and cannot change its limits.':
    '容器看到自己的控制组是树的顶端，而且不能改变自己的限额。',
  'POSIX message queues belong to the IPC namespace, so the container gets a view of its own ones.':
    'POSIX 消息队列属于 IPC 命名空间，所以容器只看到自己的队列。',
  'POSIX shared memory lives in this tmpfs, whose size limits how much of the host memory it can take.':
    'POSIX 共享内存放在这个 tmpfs 里，它的大小限制了能占用多少宿主机内存。',
  "The name servers depend on the container's network, so they are bound over the image's file instead of written into it.":
    '域名服务器取决于容器的网络，所以用绑定挂载盖在镜像的文件上，而不是写进去。',
  'The container must find its own name without asking a name server.': '容器必须不问域名服务器就能找到自己的名字。',
  'Some programs read the host name from this file.': '有些程序从这个文件读取主机名。',
  'The user asked to see {1} of the host at {2}.': '用户要求在 {2} 看到宿主机的 {1}。',
  'The user asked for {1} to be kept in memory only.': '用户要求 {1} 只放在内存里。',
  'What is written to /dev/null is gone, and hardly a shell script runs without it.':
    '写进 /dev/null 的东西就没了，几乎没有 shell 脚本离得开它。',
  '/dev/zero reads as endless zeros.': '从 /dev/zero 读到的是无穷无尽的零。',
  '/dev/full answers every write with "no space left", which tests like to use.':
    '/dev/full 对每次写入都回答“没有空间”，测试常用它。',
  '/dev/random gives random bytes of the kernel.': '/dev/random 给出内核的随机字节。',
  '/dev/urandom gives random bytes of the kernel, which most cryptography reads.':
    '/dev/urandom 给出内核的随机字节，大多数密码学程序都读它。',
  '/dev/tty is whatever terminal controls the process that opens it.': '/dev/tty 就是打开它的那个进程的控制终端。',
  "Opening ptmx makes a terminal, and it must come from the container's own devpts.":
    '打开 ptmx 就创建一个终端，它必须出自容器自己的 devpts。',
  'Shells open /dev/fd/N for process substitution.': 'shell 做进程替换时会打开 /dev/fd/N。',
  'Programs that want a file name can be told to read standard input.': '只认文件名的程序，可以用它来读标准输入。',
  'Programs that want a file name can be told to write to standard output.': '只认文件名的程序，可以用它来写标准输出。',
  'Programs that want a file name can be told to write to standard error.': '只认文件名的程序，可以用它来写标准错误。',
  'A customary link; its target is masked in a container.': '一个惯例的链接；在容器里它的目标是被遮住的。',
  'The kernel stops every process of the container where it is; unlike SIGSTOP they neither see nor can undo it.':
    '内核让容器的每个进程就地停住；与 SIGSTOP 不同，它们察觉不到，也无法解除。',
  'The processes go on where they were stopped.': '各进程从停住的地方继续。',
}
