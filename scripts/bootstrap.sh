#!/bin/sh
# Makes a checkout ready: Node, the npm packages, Debian's packages, the build. Usage: bootstrap.sh CHECKOUT. Says what it does on stderr,
# because stdout belongs to the command that is started afterwards.
set -eu
export TURBO_TELEMETRY_DISABLED=1
here=$(cd "$1" && pwd)
state=$here/.rt
least_major=22 least_minor=12
node_release=24.21.0

say() { echo "rt: $*" >&2; }
die() {
	say "$1"
	echo "  $2" >&2
	exit 1
}

# Two first uses at once must not build over each other.
mkdir -p "$state"
exec 9>"$state/lock"
if command -v flock >/dev/null 2>&1; then flock 9; fi

new_enough() { # NODE
	version=$("$1" --version 2>/dev/null) || return 1
	version=${version#v} major=${version%%.*} rest=${version#*.}
	[ "$major" -gt $least_major ] || { [ "$major" -eq $least_major ] && [ "${rest%%.*}" -ge $least_minor ]; }
}

install_debian() { # PACKAGE...
	command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ] || die "these programs are missing: $*" "Run as root: apt-get install -y $*"
	say "installing Debian packages: $*"
	export DEBIAN_FRONTEND=noninteractive
	apt-get install -y --no-install-recommends "$@" >"$state/apt.log" 2>&1 ||
		{ apt-get update >>"$state/apt.log" 2>&1 && apt-get install -y --no-install-recommends "$@" >>"$state/apt.log" 2>&1; } ||
		die "apt-get could not install: $*" "See $state/apt.log, or run: apt-get install -y $*"
}

find_node() {
	for node in "$(command -v node 2>/dev/null || true)" "$state/node/bin/node"; do
		if [ -n "$node" ] && new_enough "$node"; then
			echo "$node"
			return
		fi
	done
	case $(uname -m) in
	x86_64) arch=x64 ;;
	aarch64) arch=arm64 ;;
	*) die "there is no Node package for $(uname -m)" "Install Node $least_major.$least_minor or newer and put it into PATH." ;;
	esac
	command -v npm >/dev/null 2>&1 || install_debian npm
	say "getting Node $node_release, because PATH has none of $least_major.$least_minor or newer"
	rm -rf "$state/node.new" && mkdir -p "$state/node.new"
	(cd "$state/node.new" && npm pack --silent "node-linux-$arch@$node_release" >/dev/null && tar -xzf ./*.tgz) ||
		die "Node $node_release could not be fetched" "Install Node $least_major.$least_minor or newer and put it into PATH."
	rm -rf "$state/node" && mv "$state/node.new/package" "$state/node" && rm -rf "$state/node.new"
	echo "$state/node/bin/node"
}

missing=
[ -x /usr/sbin/iptables ] || [ -x /sbin/iptables ] || command -v iptables >/dev/null 2>&1 || missing="$missing iptables"
[ -x /bin/busybox ] || missing="$missing busybox-static"
command -v musl-gcc >/dev/null 2>&1 || command -v cc >/dev/null 2>&1 || missing="$missing gcc musl-tools linux-libc-dev"
if command -v cc >/dev/null 2>&1 && ! command -v musl-gcc >/dev/null 2>&1 && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	missing="$missing musl-tools"
fi
# shellcheck disable=SC2086 # words on purpose
[ -z "$missing" ] || install_debian $missing

node=$(find_node)
PATH=$(dirname "$node"):$PATH
export PATH
cd "$here"
npm=$(command -v npm) || install_debian npm
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
	say "installing npm packages"
	npm ci --no-fund --no-audit --loglevel=error >&2 9>&- || die "npm ci failed" "Run it by hand in $here to see why."
fi
say "building"
npm run --silent build >&2 9>&- || die "the build failed" "Run \`npm run build\` in $here to see why."
# The kernel forgets what it has of Node in small pages, so that the first start gets it into huge ones (packages/native/preload). Where that is not
# possible, nothing is lost.
{ sync "$node" && dd if="$node" iflag=nocache count=0; } 2>/dev/null || true
echo "$node" >"$state/ready"
say "ready"
