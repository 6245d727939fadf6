#!/bin/sh
# The README's test command: everything, from a checkout that may be fresh. Root, because the tests make throwaway hosts.
set -eu
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || {
	echo "rt: the tests make namespaces and mounts, which only root may" >&2
	echo "  Run: sudo scripts/test.sh" >&2
	exit 1
}
./rt --version >/dev/null
read -r node <.rt/ready
PATH=$(dirname "$node"):$PATH
export PATH TURBO_TELEMETRY_DISABLED=1
# It would only make every Node of the tests slower to start.
unset NODE_EXTRA_CA_CERTS
exec npm test
