import type { Catalogue } from '../catalogue.ts'

/** Of volumes and of what users mount. */
export const volumes: Catalogue = {
  'Mounts that come and go below {1} on the host are to be seen at {2}, too, so its mount is taken before it is cut off.':
    '宿主机上 {1} 之下来去的挂载也要在 {2} 看到，所以在切断联系之前先取得它的挂载。',
  'Only {1} itself is read-only, not what is mounted below it.': '只有 {1} 本身是只读的，挂载在它下面的不是。',
  'From here on {1} shares what is mounted and unmounted below it with the host, as was asked for.':
    '从这里开始，{1} 按要求与宿主机共享其下的挂载和卸载。',
  'A new volume begins with what the image has at {1}.': '新卷的初始内容就是镜像在 {1} 处的内容。',
  'All that the container writes counts as one project of the file system, which may take {1} bytes.':
    '容器写入的一切都算作文件系统的一个项目（project），最多可占 {1} 字节。',
  'A new volume begins with what the image has at {1}, owners and modes with it.':
    '新卷的初始内容就是镜像在 {1} 处的内容，连同属主和权限。',
  'The volume {1} is a directory of the host, which stays when the container goes.':
    '卷 {1} 是宿主机上的一个目录，容器没了它还在。',
  'Here stand those that have it.': '这里记着谁在使用它。',
  'Nobody removes the volume as long as this container has it.': '只要这个容器在用这个卷，谁也不能删除它。',
  'The volume {1} is removed.': '删除卷 {1}。',
  'It was the last volume.': '这是最后一个卷。',
  'The container does not hold the volume {1} any more.': '容器不再占用卷 {1}。',
  'Unless somebody else has it, it is a volume no more.': '除非还有谁在用，它就不再是一个卷了。',
  'A volume without a name goes with its last container.': '没有名字的卷随最后一个使用它的容器一起消失。',
}
