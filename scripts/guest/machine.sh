# Sourced by the scripts that boot a virtual machine. No Debian tool is needed but for fetching a kernel, and no rights but those of the user;
# a caller sets `self`, its name in messages, and `here`, the checkout.
# GUEST_DIR: where a fetched kernel is kept (.rt/guest in the checkout). ACCEL: tcg; kvm where the processor's own virtualisation is there.
GUEST_DIR=${GUEST_DIR:-$here/.rt/guest} ACCEL=${ACCEL:-tcg}

die() {
	echo "$self: $*" >&2
	exit 125
}

# need PROGRAM:PACKAGE...: root on Debian gets what is missing, others are told.
need() {
	local want missing=()
	for want; do command -v "${want%%:*}" >/dev/null || missing+=("${want##*:}"); done
	((${#missing[@]})) || return 0
	[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || die "these are missing: ${missing[*]}"
	echo "$self: installing ${missing[*]}" >&2
	{ apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"; } >&2 || die 'apt-get failed'
}

# Sets KERNEL, a bzImage, and MODULES, its /lib/modules/VERSION with modules.dep: as they are in the environment, or Debian's, which is
# fetched and unpacked but not installed. Not its "cloud" flavour: that one has no 9p.
find_kernel() {
	if [ -z "${KERNEL:-}" ]; then
		[ -e "$GUEST_DIR/kernel/ready" ] || fetch_kernel
		KERNEL=$(echo "$GUEST_DIR"/kernel/boot/vmlinuz-*) MODULES=$(echo "$GUEST_DIR"/kernel/lib/modules/*)
	fi
	[ -r "$KERNEL" ] || die "there is no kernel $KERNEL"
	[ -z "${MODULES:-}" ] || [ -r "$MODULES/modules.dep" ] || die "$MODULES has no modules.dep: run depmod"
}

fetch_kernel() {
	local package new=$GUEST_DIR/kernel.new
	need apt-get:apt dpkg:dpkg depmod:kmod
	rm -rf "$new" && mkdir -p "$new"
	package=$(apt-cache depends linux-image-amd64 | awk '$1 == "Depends:" && $2 ~ /^linux-image-/ { print $2; exit }')
	[ -n "$package" ] || die 'apt knows no linux-image-amd64: run apt-get update, or give KERNEL and MODULES'
	echo "$self: fetching $package" >&2
	# apt's own user may not write everywhere; as root it then says so and goes on.
	(cd "$new" && apt-get download "$package" >&2 && dpkg -x ./*.deb . && rm ./*.deb) || die "$package could not be fetched"
	depmod -b "$new" "$(ls "$new/lib/modules")"
	touch "$new/ready"
	rm -rf "$GUEST_DIR/kernel" && mv "$new" "$GUEST_DIR/kernel"
}

# pack_modules DIRECTORY NAME...: the modules and what they need, unpacked, with a file `order` that says how to load them.
pack_modules() {
	local to=$1 module name
	shift
	mkdir -p "$to"
	# modules.dep names behind a module what it needs, what must come first last. What is built in has no line there.
	[ -z "${MODULES:-}" ] || awk -v names="$*" '
		{ file = $1; sub(".*/", "", file); sub(/\.ko.*/, "", file); sub(":$", "", $1); line[file] = $0 }
		END {
			n = split(names, name, " ")
			for (i = 1; i <= n; i++)
				for (j = split(line[name[i]], part, " "); j > 0; j--) if (!seen[part[j]]++) print part[j]
		}' "$MODULES/modules.dep" | while read -r module; do
		name=${module##*/} name=${name%.ko*}.ko
		case $module in
		*.xz) xz -dc "$MODULES/$module" ;;
		*.zst) zstd -dcq "$MODULES/$module" ;;
		*.gz) gzip -dc "$MODULES/$module" ;;
		*) cat "$MODULES/$module" ;;
		esac >"$to/$name"
		echo "$name"
	done >"$to/order"
}

static_busybox() {
	need busybox:busybox-static
	! ldd "$(command -v busybox)" >/dev/null 2>&1 || die 'busybox is not static: install busybox-static'
	command -v busybox
}

# make_initrd DIRECTORY FILE
make_initrd() { (cd "$1" && find . | cpio -o -H newc --quiet) >"$2"; }

# boot INITRD WORDS OPTIONS...: the first serial line is the kernel's. Ends with the machine; 124: it took longer than LIMIT seconds.
boot() {
	local initrd=$1 words=$2 processor=max
	shift 2
	[ "$ACCEL" = tcg ] || processor=host
	timeout "$LIMIT" qemu-system-x86_64 -accel "$ACCEL" -cpu "$processor" -nodefaults -no-reboot -display none \
		-kernel "$KERNEL" -initrd "$initrd" -append "console=ttyS0 quiet panic=-1 $words" "$@" </dev/null
}
