#include "rebind.h"
#include "sandbox.h"
#include "syscall_numbers.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

/* linux/mount.h cannot be included beside sys/mount.h */
enum { TREE_CLONE = 1, FROM_EMPTY_PATH = 4, TO_EMPTY_PATH = 0x40, BENEATH = 0x200 };

static int open_of(pid_t pid, const char *name, int flags)
{
	char path[48];
	*put_text(put_number(put_text(path, "/proc/"), pid), name) = 0;
	return open(path, flags | O_CLOEXEC);
}

static int move(int tree, int place, int how)
{
	return (int)syscall(SYS_move_mount, tree, "", place, "", FROM_EMPTY_PATH | TO_EMPTY_PATH | how);
}

/* `self` is the host's /proc/self/fd: a path of the container could lead somewhere else meanwhile. */
static int unmount(int self, int fd)
{
	char name[24];
	*put_number(name, fd) = 0;
	return fchdir(self) < 0 ? -1 : umount2(name, MNT_DETACH);
}

int rebind(int pidfd, pid_t pid, const char *source, const char *target)
{
	struct sandbox inside = { .root = open_of(pid, "/root", O_PATH | O_DIRECTORY) };
	int namespace = open_of(pid, "/ns/mnt", O_RDONLY), self = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (inside.root < 0 || namespace < 0 || self < 0)
		return -1;
	/* Who can still be sent a signal still had its number when the paths were opened. */
	if (syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) < 0)
		return -1;
	/* A mount that is nowhere yet: the host's path means nothing in the other namespace. */
	int tree = (int)syscall(SYS_open_tree, AT_FDCWD, source, TREE_CLONE | O_CLOEXEC);
	if (tree < 0 || setns(namespace, CLONE_NEWNS) < 0)
		return -1;
	/* Not upon the old one, whose file may lose its name: the kernel unmounts then what is mounted upon it. */
	int place = open_inside(&inside, target, O_PATH);
	if (place < 0)
		return -1;
	if (move(tree, place, BENEATH) == 0)
		return unmount(self, place);
	/* Before Linux 6.5 the image's own file is seen for a moment. EINVAL: a privileged container has unmounted the old one itself. */
	if (unmount(self, place) < 0 ? errno != EINVAL : (place = open_inside(&inside, target, O_PATH)) < 0)
		return -1;
	return move(tree, place, 0);
}
