import type { Catalogue } from '../catalogue.ts'

/** Of the runtime itself. */
export const runtime: Catalogue = {
  'Its pid namespace is not its own, so its processes do not end with the first one: they are found by their control group.':
    '它的 pid 命名空间不是自己的，所以第一个进程结束时其他进程并不随之结束：要按控制组找到它们。',
  'The name is free again.': '这个名字又可以用了。',
  'The record and the writable layer go with the container.': '记录和可写层随容器一起删除。',
  'Nothing of this container lives any more.': '这个容器已经没有任何东西还活着。',
  'Every container mounts its root here, in a mount namespace of its own; on the host it stays empty.':
    '每个容器都把自己的根挂载在这里，但各在自己的挂载命名空间里；在宿主机上这里一直是空的。',
  'Everything that the container writes goes into a directory of its own, which only root can enter.':
    '容器写入的一切都进它自己的目录，只有 root 能进去。',
  'Programs that read /etc/hostname see the name that the kernel has.':
    '读取 /etc/hostname 的程序会看到与内核里一致的名字。',
  'Name servers that can be reached from inside.': '从容器里能访问到的域名服务器。',
  'A bind mount needs its source; Docker makes a missing one too.':
    '绑定挂载必须有来源；来源不存在时 Docker 也会创建它。',
  'Who is in the network of {1} has its /etc/{2}, too.': '用 {1} 的网络，也就用它的 /etc/{2}。',
  'The network that led to everywhere else is gone; the next one does so now.':
    '通往外界的那个网络没有了；现在由下一个网络来承担。',
  'Whom a container finds by name changes with the network {1}.': '容器能按名字找到谁，随网络 {1} 而变。',
  'Here are all hosts files in which the containers of the network {1} have to be found.':
    '网络 {1} 中的容器必须能在这里的所有 hosts 文件里找到。',
  'One /etc/hosts for all containers of the same networks: nobody has to write one, or to change hundreds, when a container comes or goes.':
    '网络相同的容器共用一个 /etc/hosts：容器来去时，不必再写一个，也不必改几百个。',
  'Makes the container known by name to all others of the network {1}, without a name server.':
    '让网络 {1} 里的其他容器都能按名字找到它，不需要域名服务器。',
  "Nobody in the network {1} finds it by name any more: its address will be another container's.":
    '网络 {1} 里谁也不再按名字找到它：它的地址将归别的容器。',
  'There is no container that could be found by name.': '没有可以按名字找到的容器了。',
  'Nobody is in the network who could be found by name.': '这个网络里没有谁可以按名字找到了。',
  'Leads to the hosts file of its networks, which may change before its restart policy starts it again.':
    '指向它所在网络的 hosts 文件；在重启策略再次启动它之前，网络可能会变。',
  'The container finds itself and the names given with --add-host without a name server.':
    '容器不用域名服务器就能找到自己，以及用 --add-host 给出的名字。',
  'A file for this container alone, which it may write to; the links see to it that others are found in it, too.':
    '只给这个容器的文件，它可以写；那些链接保证在里面也能找到其他容器。',
  'Nobody reads its hosts file any more.': '没有谁再读它的 hosts 文件了。',
  'The container is to be kept.': '这个容器要保留下来。',
  'It does not live yet.': '它还没有开始运行。',
  'An earlier start did not come to its end.': '之前的一次启动没有完成。',
  'Looks, and changes nothing.': '只是查看，什么也不改。',
  'Takes back: {1}': '撤销：{1}',
}
