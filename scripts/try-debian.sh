#!/bin/sh
# Runs real programs in a Debian and a Node image that are made here, and compares the tree that rt unpacks with podman's, entry by entry.
# Not part of scripts/test.sh: debootstrap fetches 100 MB from Debian's mirror, once for a machine. docs/testing.md has the last result.
#
#     sudo scripts/try-debian.sh [CACHE]
set -eu
cd "$(dirname "$0")/.."
cache=${1:-/var/cache/rt-test}
for program in debootstrap podman buildah dpkg-scanpackages python3; do
	command -v $program >/dev/null || {
		echo "rt: $program is missing: apt-get install debootstrap podman buildah dpkg-dev python3" >&2
		exit 1
	}
done
./rt --version >/dev/null
read -r node <.rt/ready
PATH=$(dirname "$node"):$PATH
export PATH
unset NODE_EXTRA_CA_CERTS
mkdir -p "$cache"
[ -e "$cache/debian.tar" ] || {
	# In a mount namespace of its own: debootstrap mounts /proc in its target.
	unshare --mount --propagation private sh -euc '
		rm -rf "$1/root"
		debootstrap --variant=minbase --include=libcap2-bin bookworm "$1/root"
		chroot "$1/root" setcap cap_net_raw+ep /usr/bin/chage
		umount "$1/root/proc" "$1/root/sys" 2>/dev/null || true
		tar -c --xattrs --xattrs-include="*" --numeric-owner -C "$1/root" -f "$1/debian.part" .
		rm -rf "$1/root"
	' sh "$cache"
	mv "$cache/debian.part" "$cache/debian.tar"
}
[ -e "$cache/repository/Packages" ] || {
	mkdir -p "$cache/repository"
	(cd "$cache/repository" && apt-get download hello tree && dpkg-scanpackages -m . >Packages.part && mv Packages.part Packages)
}
cp "$node" "$cache/node"
npm run build --silent
cd packages/cli
RT_DEBIAN=$cache exec npx vitest run --config vitest.slow.config.ts debian
