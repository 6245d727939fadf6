#include "tool.h"
#include "become.h"
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* The first process of the pid namespace: the kernel ends all others with it. `alive`: at its end of file the parent has died already. */
static _Noreturn void first(int alive, char *const *argv)
{
	struct pollfd parent = { .fd = alive };
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		broken("a program cannot be bound to rt");
	if (poll(&parent, 1, 0) < 0 || parent.revents)
		_exit(137);
	close(alive);
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		broken("/proc cannot be mounted for a program that works for rt");
	execvp(argv[0], argv);
	broken("a program that works for rt cannot be started");
}

void tool(pid_t caller, char *const *argv)
{
	int alive[2], status;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || pipe2(alive, 0) < 0)
		broken("a program cannot be bound to rt");
	/* It may have died before the kernel was told. */
	if (getppid() != caller)
		_exit(137);
	if (unshare(CLONE_NEWNS | CLONE_NEWPID) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		broken("a program that works for rt cannot have namespaces of its own");
	pid_t child = fork();
	if (child < 0)
		broken("no process can be started");
	if (child == 0) {
		close(alive[1]);
		first(alive[0], argv);
	}
	close(alive[0]);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			broken("a program that works for rt cannot be waited for");
	_exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}
