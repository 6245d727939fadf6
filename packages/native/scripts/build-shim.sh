#!/bin/sh
# Compiles the shim: static, so that it runs whatever the container's root holds; with musl where there is one, for a tenth of the size.
# And what is loaded into Node before a command: it needs no library of its own, so that it fits into a Node with any libc.
set -eu
cd "$(dirname "$0")/../shim"
mkdir -p ../dist
cc=cc
command -v musl-gcc >/dev/null 2>&1 && cc=musl-gcc
include=
# musl-gcc sees only musl's headers; the kernel's own (linux/openat2.h, linux/seccomp.h) come from linux-libc-dev.
if [ $cc = musl-gcc ]; then
	mkdir -p ../dist/include
	multiarch=$(cc -print-multiarch 2>/dev/null || true)
	ln -sfn /usr/include/linux ../dist/include/linux
	ln -sfn /usr/include/asm-generic ../dist/include/asm-generic
	ln -sfn "/usr/include/${multiarch:+$multiarch/}asm" ../dist/include/asm
	include="-idirafter ../dist/include"
fi
# shellcheck disable=SC2086 # words on purpose
$cc -std=gnu11 -static -Os -Wall -Wextra -Werror -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
	-ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables -fno-stack-protector $include \
	-Wl,--gc-sections -Wl,--sort-section=alignment -Wl,-z,norelro -Wl,--build-id=none -s -o ../dist/rt-shim.new ./*.c
mv ../dist/rt-shim.new ../dist/rt-shim
$cc -std=gnu11 -shared -fPIC -nostdlib -fno-builtin -O2 -Wall -Wextra -Werror -Wl,--build-id=none -s -o ../dist/rt-preload.so.new ../preload/huge_pages.c
mv ../dist/rt-preload.so.new ../dist/rt-preload.so
