#include "enter.h"
#include "syscall_numbers.h"
#include "util.h"
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000
#endif

/*
 * Nobody in the container may look into this process before it is the user's program: not into its descriptors, nor its memory, not by
 * ptrace (CVE-2016-9962). exec makes it an ordinary process again.
 */
static int hide(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

int enter_container(int pidfd, pid_t pid)
{
	const int all = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP;
	char path[48];
	*put_text(put_number(put_text(path, "/proc/"), pid), "/root") = 0;
	/*
	 * The root that the first process has, and not the one that setns gives: that is the top of what is mounted at the namespace's root, which on
	 * an initramfs a container could have unmounted (see root.c).
	 */
	int root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -1;
	/* Who can still be sent a signal still had its number when the path was opened. */
	if (syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) < 0)
		return -1;
	if (hide() < 0 || setns(pidfd, all) < 0 || fchdir(root) < 0 || chroot(".") < 0)
		return -1;
	return close(root);
}
