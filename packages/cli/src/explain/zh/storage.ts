import type { Catalogue } from '../catalogue.ts'

/** Of the storage drivers. */
export const storage: Catalogue = {
  "Everything that the container writes or deletes is kept here; the image's layers stay as they are.":
    '容器写入或删除的一切都记在这里，镜像的各层保持原样。',
  'overlayfs prepares files here before it moves them into the upper directory in one go.':
    'overlayfs 先在这里把文件准备好，再一次性移入 upper 目录。',
  "The container's root: the image's layers read-only below, its own directory writable above.":
    '容器的根：下面是镜像的只读层，上面是它自己的可写目录。',
  'mount(2) takes 4 KiB of options, too little for the names of so many layers: here they get short ones.':
    'mount(2) 的选项最多 4 KiB，装不下这么多层的路径，所以在这里给它们起短名字。',
  'A short name for layer {1} from the top.': '从上往下第 {1} 层的短名字。',
  'A place for layer {1} from the top.': '从上往下第 {1} 层的位置。',
  'pivot_root(2) wants a mount point as the new root, so the copy is mounted onto the place for it.':
    'pivot_root(2) 要求新的根是一个挂载点，所以把这份副本挂载到预定的位置上。',
  'An earlier copy of the image was cut short.': '之前的一次镜像复制半途中断了。',
  "The container's root will be an ordinary directory of its own.": '容器的根将是一个只属于它自己的普通目录。',
  'A faithful copy of the image, lowest layer first; on btrfs and xfs the blocks are shared until one side writes.':
    '镜像的忠实副本，从最底层开始复制；在 btrfs 和 xfs 上，数据块是共享的，直到其中一方写入。',
  'The next layer takes the place of what is below it; its whiteouts take away what it deleted.':
    '下一层取代它下面的内容；它的 whiteout 去掉它删除过的文件。',
  'Tells the next start that the copy is complete, so that what the container has written stays.':
    '告诉下一次启动：副本已经完整，容器写过的内容应当保留。',
}
