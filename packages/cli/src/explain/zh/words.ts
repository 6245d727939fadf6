import type { Catalogue } from '../catalogue.ts'

/** What pages and scripts say besides the reasons. */
export const words: Catalogue = {
  'See {1}.': '参见：{1}',
  'on the host': '在宿主机上',
  "inside the container's namespaces": '在容器的命名空间里',
  'What a shell cannot do as rt does it:': 'shell 做不到 rt 那样的地方：',
  "- seccomp filters, cgroup v2 device programs and a terminal of the container's own have no command; the steps say so.":
    '- seccomp 过滤器、cgroup v2 的设备程序和容器自己的终端没有对应的命令；相应步骤里会注明。',
  '- rt resolves paths inside the container with openat2(RESOLVE_IN_ROOT), so that links of the image cannot lead out of it.':
    '- rt 用 openat2(RESOLVE_IN_ROOT) 解析容器里的路径，所以镜像里的链接不能把人引到外面去。',
  '  mount(8) and mkdir(1) follow such links on the host: use this script with images that you trust, on a host that you can lose.':
    '  mount(8) 和 mkdir(1) 却会在宿主机上跟随这种链接：只对可信的镜像、在丢了也无妨的机器上使用这个脚本。',
  'A network namespace lives as long as a process is in it: this one holds it until the container is there.':
    '网络命名空间只要有进程在里面就存在：在容器出现之前，由这个进程占住它。',
  'A helper reads the end of this file when the script, the only one that holds it open for writing, has ended.':
    '只有脚本以写方式打开这个文件；脚本结束时，辅助程序就会读到文件末尾。',
  "Programs for the time after pivot_root, when the host's are gone and the image may have none.":
    'pivot_root 之后要用的程序：那时宿主机的程序已经不在，镜像里也可能没有。',
  'What the last command of this part needs to know.': '这一部分最后一条命令需要知道的事。',
  "Opened now, because the container's own /proc/sys is read-only by the time the hostname is set.":
    '现在就打开，因为设置主机名时容器自己的 /proc/sys 已经是只读的。',
  "find_groups NAME...: looks up more groups of the user in the container's own file.":
    'find_groups 名字...：在容器自己的文件里查用户的其他组。',
  "find_user USER GROUP [GID...]: looks up names and numbers in the container's own files.":
    'find_user 用户 组 [GID...]：在容器自己的文件里查名字和编号。',
  'launch NAME=VALUE... -- PROGRAM ARGUMENT...: becomes the program of the container, or the parent of it.':
    'launch 变量=值... -- 程序 参数...：变成容器的程序，或它的父进程。',
  'By /proc, because bash makes a relative name absolute before exec, with a path that has gone with the old root.':
    '经由 /proc，因为 bash 在 exec 之前会把相对路径变成绝对路径，而那条路径已随旧的根消失。',
  'This shell stays as process 1 and reaps; unlike rt it forwards no signals but those of the terminal.':
    '这个 shell 留下来做 1 号进程并回收子进程；与 rt 不同，它只转发终端的信号。',
  'the chroot itself is done by unshare --root at the very end, because a shell cannot change its own root':
    'chroot 本身由最后的 unshare --root 完成，因为 shell 不能改变自己的根',
  'rt also takes CAP_SYS_CHROOT, with which root could leave it; unshare needs that to the last, so here it stays':
    'rt 还会去掉 CAP_SYS_CHROOT，因为 root 有了它就能离开这个根；unshare 到最后都需要它，所以这里保留',
  'already made by the unshare command that runs this part: {1}': '运行这一部分的 unshare 命令已经创建：{1}',
  'no shell command: rt allocates a terminal inside the container; here it is the one you are at':
    '没有对应的 shell 命令：rt 在容器里分配一个终端；这里就用你面前的这个',
  'no shell command: rt loads a seccomp filter ({1})': '没有对应的 shell 命令：rt 装载 seccomp 过滤器（{1}）',
  'no shell command: rt attaches a BPF_PROG_TYPE_CGROUP_DEVICE program to {1} with bpf(2), which allows only':
    '没有对应的 shell 命令：rt 用 bpf(2) 把 BPF_PROG_TYPE_CGROUP_DEVICE 程序附加到 {1}，它只允许',
  'Before the container is there: on the host': '容器出现之前：在宿主机上',
  'Inside the container, by its first process': '容器里面，由它的第一个进程执行',
  'When it has ended: on the host': '容器结束之后：在宿主机上',
  'The whole script': '完整脚本',
  'It works when it is pasted into a root shell.': '粘贴到 root 的 shell 里就能运行。',
  drivers: '驱动',
  image: '镜像',
  steps: '步骤',
  copy: '复制',
  copied: '已复制',
  'This was done to start the container {1}.': '启动容器 {1} 时做的就是这些。',
  'This is what the first start of the container {1} will do.': '容器 {1} 第一次启动时将做这些。',
  'This is what the command would do.': '这条命令将做这些。',
  'Pasted into a shell, it makes the same container anew: where that one is gone, or on another host.':
    '粘贴到 shell 里会重新创建同样的容器：前提是原来的已经不在，或者在另一台机器上。',
}
