#!/bin/bash
# First process of the "host". Environment as in internet.sh.
set -eu -o pipefail
read -r host _ </proc/self/fd/7/self/stat

umount /proc
mount -t proc proc /proc
umount /sys
mount -t sysfs sysfs /sys
umount /dev/pts
mount -t devpts -o newinstance,ptmxmode=666,mode=620 devpts /dev/pts
mount -t mqueue mqueue /dev/mqueue

# The cgroup namespace makes each hierarchy's root the world's own cgroup.
while read -r name type options; do
  case $name in
    '') continue ;;
    .) target=/sys/fs/cgroup ;;
    *)
      mountpoint -q /sys/fs/cgroup || mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup
      target=/sys/fs/cgroup/$name
      mkdir "$target"
      ;;
  esac
  mount -t "$type" -o "$options" cgroup "$target"
done <<<"$WORLD_CGROUPS"

hostname world-host
ip link set lo up
if [ "$WORLD_INTERNET" = yes ]; then
  [ "$WORLD_IPV6" = yes ] || echo 1 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6
  ip addr add 198.51.100.2/24 dev eth0
  ip link set eth0 up
  ip route add default via 198.51.100.1
  if [ "$WORLD_IPV6" = yes ]; then
    ip addr add 2001:db8:1::2/64 dev eth0 nodad
    ip route add default via 2001:db8:1::1
  fi
fi
echo 0 >/proc/sys/net/ipv4/ip_forward

exec 7<&-
echo "$host"
exec 1>/dev/null
while read -r _; do :; done
