#!/bin/bash
# try-initramfs.sh [KERNEL [MODULES]] - does `rt run` work where / is an initramfs? There pivot_root(2) answers EINVAL, and the
# shim enters the container's root with MS_MOVE and chroot(2) instead. Boots a virtual machine whose only file system is an
# initramfs with this checkout's rt in it, and prints PASS or FAIL for each thing that must hold. Exit status 0: all held.
#
# KERNEL: a bzImage, such as /boot/vmlinuz-VERSION. MODULES: its /lib/modules/VERSION; not needed where overlayfs is built in. Both may come
# from the environment; without them Debian's is fetched. Needs: a checkout that ./rt has built (x86_64), busybox-static, cpio, qemu-system-x86.
# LIMIT: seconds that the machine may take (300). It has no network and no disk, and needs neither root nor KVM. More: guest/machine.sh.
set -euo pipefail
self=try-initramfs here=$(cd "$(dirname "$0")/.." && pwd)
KERNEL=${1:-${KERNEL:-}} MODULES=${2:-${MODULES:-}} LIMIT=${LIMIT:-300}
. "$here/scripts/guest/machine.sh"
[ -r "$here/.rt/ready" ] || die "$here is not built: run ./rt --version there first"
need qemu-system-x86_64:qemu-system-x86 cpio:cpio
busybox=$(static_busybox)
find_kernel
read -r node <"$here/.rt/ready"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root"/{bin,dev,etc,proc,run,sys,tmp,rt/.rt,rt/packages/cli,var/lib/rt}

# rt as it is started everywhere else: through its own launcher, beside the addon that it opens.
cp "$busybox" "$root/bin/busybox"
cp -L "$node" "$root/bin/node"
cp "$here/rt" "$root/rt/rt"
echo /bin/node >"$root/rt/.rt/ready"
cp -r "$here/packages/cli/dist" "$here/packages/cli/package.json" "$root/rt/packages/cli/"
mkdir -p "$root/rt/node_modules/@koromix"
cp -rL "$here/node_modules/@koromix/koffi-linux-x64" "$root/rt/node_modules/@koromix/"
for program in "$node" "$here"/node_modules/@koromix/koffi-linux-x64/linux_x64/koffi.node; do ldd "$program"; done |
	grep -o '/[^ ]*' | sort -u | while read -r library; do cp -L --parents "$library" "$root/"; done

pack_modules "$root/modules" overlay

# What runs in the container: the report that the checks below read.
cat >"$root/inside" <<'X'
echo "== mount"; mount | head -3
echo "== ls"; ls /
echo "== ps"; ps
echo "== CapBnd $(sed -n 's/^CapBnd:[[:space:]]*//p' /proc/self/status)"
echo "== chroot: $(chroot /tmp 2>&1)"
echo "== up"; ls /../../..
echo "== end"
X

cat >"$root/init" <<'X'
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin HOME=/tmp
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mount -t tmpfs -o mode=755 run /run
mount -t tmpfs -o mode=755 rt /var/lib/rt
mount -t cgroup2 cgroup2 /sys/fs/cgroup
while read -r module; do insmod "/modules/$module"; done </modules/order
exec >/dev/ttyS0 2>&1 </dev/null
stty -onlcr </dev/ttyS0

check() { # what must hold, then a command that says whether it does
	local what=$1; shift
	if "$@"; then echo "PASS $what"; else echo "FAIL $what"; fi
}
has() { grep -q "$1" /run/report; }
bounded() { # CAP_SYS_CHROOT is bit 18
	local bounding; bounding=$(sed -n 's/^== CapBnd //p' /run/report)
	[ -n "$bounding" ] && [ $((0x$bounding >> 18 & 1)) = 0 ]
}
alone() { ! has 'sh /init$' && ! has '\[kthreadd\]'; }
hidden() { ! has '^modules$' && ! has '^init$'; }

echo "kernel $(uname -r), / is $(sed -n 's/^[^ ]* \/ \([^ ]*\).*/\1/p' /proc/mounts)"
# Without this the rest would prove nothing. (/run is a mount of its own, so that only the present root can be what is wrong.)
mkdir /run/old
check 'pivot_root(2) is refused with EINVAL' sh -c 'pivot_root /run /run/old 2>&1 | grep "Invalid argument"'

try() { # name, options of rt run
	local name=$1; shift
	echo "---- rt run --rm --network=none $* busybox"
	/rt/rt run --rm --network=none "$@" busybox sh </inside >/run/report 2>&1
	check "$name: runs and ends with status 0" [ $? = 0 ]
	cat /run/report
	check "$name: its command came to its end" has '^== end'
	check "$name: the bounding set lacks CAP_SYS_CHROOT" bounded
	check "$name: chroot(2) is refused" has '^== chroot: .*Operation not permitted'
	check "$name: sees its own root only" hidden
	check "$name: sees its own processes only" alone
}
try overlay --storage=overlay
check 'overlay: the root is an overlayfs' has '^[a-z]* on / type overlay'
try copy --storage=copy
check 'copy: the root is no overlayfs' sh -c '! grep " on / type overlay" /run/report'
try 'overlay, cap-add' --storage=overlay --cap-add=SYS_CHROOT

# Why the capability is taken away: who may unmount could otherwise take the root off, and enter what it had covered.
/rt/rt run --rm --network=none --cap-add=ALL --security-opt=seccomp=unconfined busybox sh >/run/report 2>&1 <<'Y'
cd /proc/1/ns && umount -l / && echo "== off" && nsenter --mount=mnt /bin/busybox ls / && echo "== back"
Y
cat /run/report
check 'with every other capability: could take its root off' has '^== off'
check 'with every other capability: found no way to the initramfs' hidden
check 'with every other capability: was refused for want of the one' has 'setns.*Operation not permitted'

/rt/rt run --rm --network=none busybox sh -c 'exit 7'
check 'the exit status of the command is that of rt run' [ $? = 7 ]
check 'nothing is left mounted' sh -c '! grep -E "overlay|/var/lib/rt/|netns" /proc/mounts'
echo "== done"
poweroff -f
X
chmod 755 "$root/init"

make_initrd "$root" "$work/initrd"
boot "$work/initrd" '' -m 2048 -serial stdio | tr -d '\r' | tee "$work/console" || die "the machine did not end within $LIMIT s"
grep -q '^== done' "$work/console" || die 'the machine went down before the last check'
failed=$(grep -c '^FAIL' "$work/console" || true)
echo "try-initramfs: $(grep -c '^PASS' "$work/console" || true) passed, $failed failed"
[ "$failed" = 0 ]
