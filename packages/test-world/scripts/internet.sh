#!/bin/bash
# First process of the "internet": makes the throwaway root, the wire to the host, and the host itself as a nested pid namespace.
# Everything here ends with this process. Started in new mount, network and pid namespaces; stdin stays open as long as the test lives.
# Environment: WORLD_DIR (on a real file system), WORLD_MTU, WORLD_INTERNET, WORLD_IPV6, WORLD_CGROUPS, WORLD_VISIBLE, WORLD_DATA.
set -eu -o pipefail
here=${BASH_SOURCE[0]%/*}

# The machine's own /proc, kept by descriptor: the only place that still knows process ids as the test sees them.
exec 7</proc

mount --make-rprivate /
base=$WORLD_DIR/root
mount -t tmpfs -o mode=755 world "$base"

# A copy-on-write view of $1 at $2. Not a bind: a build that goes wrong may write wherever it likes.
layer=0
view() {
  layer=$((layer + 1))
  mkdir -p "$base/$layer/upper" "$base/$layer/work" "$2"
  mount -t overlay world -o "lowerdir=$1,upperdir=$base/$layer/upper,workdir=$base/$layer/work" "$2"
}

root=$base/merged
view / "$root"
for place in /tmp /var/tmp /run /mnt /root; do
  mkdir -p "$root$place"
  mount -t tmpfs -o mode=1777 world "$root$place"
done
chmod 755 "$root/run" "$root/mnt" "$root/root"
# What the machine's user has told rt must not change a test.
rm -rf "$root/etc/rt"

# What the tests need and the view of / does not show: other file systems, and what lies under the tmpfs mounts just made.
while read -r path; do
  [ -z "$path" ] || [ -e "$root$path" ] || view "$path" "$root$path"
done <<<"$WORLD_VISIBLE"

mkdir -p "$root/var/lib/rt" "$root/run/world"
if [ "$WORLD_DATA" = bind ]; then
  mount --bind "$WORLD_DIR/data" "$root/var/lib/rt"
elif [ "$WORLD_DATA" = btrfs ]; then
  # The loop device is the machine's, and the kernel frees it with this mount.
  truncate -s 512M "$WORLD_DIR/btrfs"
  mkfs.btrfs -q "$WORLD_DIR/btrfs"
  mount -o loop "$WORLD_DIR/btrfs" "$root/var/lib/rt"
else
  mount -t tmpfs -o "$WORLD_DATA" world "$root/var/lib/rt"
fi
mount --bind "$WORLD_DIR/share" "$root/run/world"
: >"$root/etc/rt-test-world"
rm -f "$root/etc/resolv.conf"
echo 'nameserver 198.51.100.1' >"$root/etc/resolv.conf"

mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs -o mode=755,nosuid world "$root/dev"
dev=$root/dev
mknod -m 666 "$dev/null" c 1 3
mknod -m 666 "$dev/zero" c 1 5
mknod -m 666 "$dev/full" c 1 7
mknod -m 666 "$dev/random" c 1 8
mknod -m 666 "$dev/urandom" c 1 9
mknod -m 666 "$dev/tty" c 5 0
mknod -m 600 "$dev/fuse" c 10 229
mkdir "$dev/net"
mknod -m 666 "$dev/net/tun" c 10 200
ln -s /proc/self/fd "$dev/fd"
ln -s fd/0 "$dev/stdin"
ln -s fd/1 "$dev/stdout"
ln -s fd/2 "$dev/stderr"
ln -s pts/ptmx "$dev/ptmx"
mkdir "$dev/pts" "$dev/shm" "$dev/mqueue"
mount -t devpts -o newinstance,ptmxmode=666,mode=620 devpts "$dev/pts"
mount -t tmpfs -o mode=1777 shm "$dev/shm"

cd "$root"
pivot_root . mnt
umount -l /mnt
cd /

read -r internet _ </proc/self/fd/7/self/stat
ip link set lo up
ip addr add 203.0.113.1/32 dev lo
if [ "$WORLD_INTERNET" = yes ]; then
  ip link add inet0 mtu "$WORLD_MTU" type veth peer name eth0 mtu "$WORLD_MTU"
fi

# The host leaves this network namespace first and takes its name space of processes afterwards, so that its end of the wire
# can be pushed to it by pid in between.
coproc HOST {
  exec unshare --net bash -c '
    set -eu
    echo $$
    read -r _
    exec unshare --pid --mount --uts --ipc --cgroup --fork --kill-child=KILL bash "$0"' "$here/host.sh"
}
read -r pid <&"${HOST[0]}"
[ "$WORLD_INTERNET" != yes ] || ip link set eth0 netns "$pid"
echo go >&"${HOST[1]}"
read -r host <&"${HOST[0]}"
if [ "$WORLD_INTERNET" = yes ]; then
  ip addr add 198.51.100.1/24 dev inet0
  ip link set inet0 up
  if [ "$WORLD_IPV6" = yes ]; then
    ip addr add 2001:db8:2::1/128 dev lo nodad
    ip addr add 2001:db8:1::1/64 dev inet0 nodad
  fi
fi
exec 7<&-

echo "ready $internet $host"
# Waits for the test to end, and as the first process of its pid namespace reaps what is left to it.
while read -r _; do :; done
