#include "sandbox.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

int do_root_set(struct sandbox *s, const struct record *r)
{
	s->detail = arg(r, 0);
	s->root = open(arg(r, 0), O_PATH | O_DIRECTORY | O_CLOEXEC);
	return s->root < 0 ? -1 : 0;
}

static int reopen_root(struct sandbox *s)
{
	if (chdir("/") < 0 || close(s->root) < 0)
		return -1;
	s->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return s->root < 0 ? -1 : 0;
}

/* Stacks the new root over the old one and takes the old one away: nothing of the host stays in the mount namespace. */
static int pivot(struct sandbox *s)
{
	int old = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (old < 0 || fchdir(s->root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0)
		return -1;
	if (fchdir(old) < 0 || umount2(".", MNT_DETACH) < 0 || close(old) < 0)
		return -1;
	return reopen_root(s);
}

/*
 * Where the present root is no mount that can be pivoted (an initramfs). The host's root stays below in the namespace. Who unmounts what
 * lies over it and joins the namespace anew with setns(2) would be in it, and both chroot(2) and that setns want CAP_SYS_CHROOT: it is
 * not given, whatever was asked for. scripts/try-initramfs.sh tries it.
 */
static int move_and_chroot(struct sandbox *s)
{
	if (fchdir(s->root) < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0)
		return -1;
	s->never |= 1ull << CAP_SYS_CHROOT;
	return reopen_root(s);
}

int do_root_enter(struct sandbox *s, const struct record *r)
{
	if (*arg(r, 0) == 'c')
		return move_and_chroot(s);
	if (pivot(s) == 0)
		return 0;
	return errno == EINVAL ? move_and_chroot(s) : -1;
}
