#!/bin/bash
# test-in-guest.sh [TEST FILE...] - runs tests where there is only cgroup v2: in a virtual machine with Debian's kernel that has this
# machine's files as its own. Without files: those of packages/cli/test. A table of the results is at the end of the output.
# test-in-guest.sh -- COMMAND...  - runs a command there instead, in the current directory.
#
# Needs: a checkout that is built (./rt --version; npm run build), x86_64, root (to see all of its files; what is written in the guest is
# gone at its end). Installs qemu, and fetches a kernel once. Exit status: that of the tests; 125: the machine failed.
# SLOW: how much longer than outside a test may take (10). LIMIT: seconds that the machine may take (7200). MEM, CPUS: 3072 MiB, 2.
# JOBS: how many files are run at once (as many as CPUS).
# KERNEL, MODULES: a bzImage and its /lib/modules/VERSION in place of Debian's. GUEST_DIR, ACCEL: see guest/machine.sh.
set -euo pipefail
self=test-in-guest here=$(cd "$(dirname "$0")/.." && pwd)
LIMIT=${LIMIT:-7200} SLOW=${SLOW:-10} MEM=${MEM:-3072} CPUS=${CPUS:-2}
JOBS=${JOBS:-$CPUS}
. "$here/scripts/guest/machine.sh"
[ "$(id -u)" = 0 ] || die 'the tests need root, to make namespaces and mounts'
[[ $here/ != /run/* && $here/ != /var/tmp/* ]] || die "$here is not seen in the guest: /run and /var/tmp are its own"
[ -r "$here/.rt/ready" ] && [ -e "$here/packages/cli/dist/launch.cjs" ] || die "$here is not built: run ./rt --version there first"
read -r node <"$here/.rt/ready"

command=()
if [ "${1:-}" = -- ]; then
	shift
	command=("$@")
	[ $# -gt 0 ] || die 'there is no command behind --'
fi
files=("$@")
((${#files[@]})) || files=("$here"/packages/cli/test/*.test.ts)

need qemu-system-x86_64:qemu-system-x86 cpio:cpio mkfs.ext4:e2fsprogs modprobe:kmod
busybox=$(static_busybox)
find_kernel

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{results,root/{bin,dev,proc,sys,outside,changes,new}}
cp "$busybox" "$work/root/bin/busybox"
install -m 755 "$here/scripts/guest/init" "$work/root/init"
# crc32c: ext4 asks for it by name, when nothing can look for modules yet.
pack_modules "$work/root/modules" virtio_pci virtio_blk 9pnet_virtio 9p overlay crc32c_generic ext4 loop quota_v2
make_initrd "$work/root" "$work/initrd"
truncate -s 8G "$work/disk"
mkfs.ext4 -q -F -E lazy_itable_init=1,lazy_journal_init=1 "$work/disk"

# A run of vitest for each file, in its package, where its configuration is: what has been found is kept when the time is up.
run_tests() {
	local file package
	for file in "${files[@]}"; do
		file=$(realpath -e "$file")
		[[ $file == "$here"/packages/*/*.test.ts ]] || die "$file is no test file of this checkout"
		package=${file#"$here/packages/"} package=${package%%/*}
		printf 'cd %q && exec %q %q run --reporter=verbose --reporter=json --outputFile=%q %q\n' "$here/packages/$package" \
			"$node" "$here/node_modules/vitest/vitest.mjs" "/run/guest/$package-$(basename "$file").json" "$file"
	done >"$work/results/runs"
	printf 'xargs -d "\\n" -n 1 -P %q sh -c </run/guest/runs || status=1\n' "$JOBS"
}
{
	echo 'exec </dev/null >/dev/ttyS1 2>&1; stty -onlcr </dev/ttyS1; status=0'
	printf 'export HOME=/root TMPDIR=/var/tmp TERM=dumb NO_COLOR=1 CI=true RT_TEST_SLOW=%q PATH=%q\n' "$SLOW" "$(dirname "$node"):$PATH"
	printf 'cd %q\n' "$PWD"
	if ((${#command[@]})); then
		printf '%q ' "${command[@]}"
		echo '|| status=$?'
	else
		run_tests
	fi
	# The line is slower than the machine: what is on its way would be lost.
	echo 'echo $status >/run/guest/status; sync; stty 115200 </dev/ttyS1; busybox poweroff -f'
} >"$work/results/main"

started=$SECONDS
boot "$work/initrd" "mitigations=off tsc=unstable modules=$(realpath "${MODULES:-/nowhere}")" -smp "$CPUS" -m "$MEM" \
	-serial "file:$work/console" -serial stdio -device virtio-rng-pci \
	-virtfs local,path=/,mount_tag=root,security_model=none,readonly=on,multidevs=remap \
	-virtfs "local,path=$work/results,mount_tag=results,security_model=none" \
	-drive "file=$work/disk,format=raw,if=virtio,cache=unsafe" || ended=$?
((${#command[@]})) || "$node" "$here/scripts/guest/table.mjs" "$work/results"
[ -s "$work/results/status" ] || {
	tail -n 5 "$work/console" >&2
	die "the machine ended without a result (${ended:-0}, limit $LIMIT s)"
}
echo "test-in-guest: $(basename "$KERNEL"), $(((SECONDS - started + 30) / 60)) minutes" >&2
exit "$(cat "$work/results/status")"
