#include "stage.h"
#include "copy.h"
#include "enter.h"
#include "handshake.h"
#include "init.h"
#include "join.h"
#include "plan.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Noreturn void give_up(int socket, int step, const char *detail)
{
	struct message m = { .kind = MSG_FAILURE, .value = step, .error = errno };
	strncpy(m.detail, detail, sizeof m.detail - 1);
	/* Where the monitor is gone too there is nobody to tell. */
	_exit(send_message(socket, &m, -1) < 0 ? 2 : 1);
}

/* What rt reads before it opens our namespace. */
static int announce_network(int socket)
{
	struct message made = { .kind = MSG_NETNS, .value = (int)getpid(), .error = unshare(CLONE_NEWNET) < 0 ? errno : 0 };
	return send_message(socket, &made, -1);
}

/*
 * On v1 by `tasks`: a thread that moves itself alone needs no lock there (since Linux 5.5), while cgroup.procs takes one that
 * waits for an RCU grace period, 5 to 30 ms. This process has one thread. v2 has no such file.
 */
static int join_cgroup(const char *directory)
{
	static const char *const files[] = { "/tasks", "/cgroup.procs" };
	char path[PATH_MAX];
	if (strlen(directory) + sizeof "/cgroup.procs" > sizeof path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	*put_text(put_text(path, directory), files[0]) = 0;
	if (write_to(path, "0") == 0)
		return 0;
	if (errno != ENOENT)
		return -1;
	*put_text(put_text(path, directory), files[1]) = 0;
	return write_to(path, "0");
}

_Noreturn void stage(int socket, int new_network, char *const *cgroups)
{
	struct message go;
	int fds[2], error;
	run_copy(socket, new_network, cgroups);
	error = errno;
	if (receive_message(socket, &go, sizeof go, fds) <= 0)
		_exit(0);
	errno = error;
	give_up(socket, STEP_COPY, "");
}

_Noreturn void sealed_stage(int socket, int new_network, char *const *cgroups)
{
	struct plan plan;
	struct message go;
	int fds[2], joined = 0;
	const char *refused = NULL;

	if (new_network && announce_network(socket) < 0)
		_exit(0); /* rt has gone already */
	for (; *cgroups && !refused; cgroups++) {
		if (join_cgroup(*cgroups) == 0) {
			/* With --init this process stays in the container, where /proc/1/cmdline is not to tell of the host. */
			memset(*cgroups, 0, strlen(*cgroups));
			continue;
		}
		joined = errno;
		refused = *cgroups;
	}
	if (receive_message(socket, &go, sizeof go, fds) <= 0)
		_exit(0); /* rt failed or was killed before it had a plan */
	if (refused) {
		errno = joined;
		give_up(socket, STEP_CGROUP, refused);
	}
	if (fds[0] < 0 || plan_open(&plan, fds[0]) < 0)
		give_up(socket, STEP_STAGE, "");
	struct record namespaces;
	int enters = plan_find(&plan, PHASE_MONITOR, OP_ENTER, &namespaces);
	if (enters && enter_container(fds[1], (pid_t)arg_number(&namespaces, 0)) < 0)
		give_up(socket, STEP_ENTER, "");
	if (!enters && fds[1] >= 0 && setns(fds[1], CLONE_NEWNET) < 0)
		give_up(socket, STEP_NETNS, "");
	if (join_namespaces(&plan) < 0)
		give_up(socket, STEP_JOIN, "");
	/* Not even for the moment before it closes them is the container's process to have them. */
	if (close(fds[0]) < 0 || (fds[1] >= 0 && close(fds[1]) < 0))
		give_up(socket, STEP_STAGE, "");

	unsigned long flags = CLONE_PARENT | SIGCHLD;
	if (plan_find(&plan, PHASE_MONITOR, OP_CLONE_FLAGS, &namespaces))
		flags |= (unsigned long)arg_number(&namespaces, 0);
	long pid = syscall(SYS_clone, flags, 0, 0, 0, 0);
	if (pid < 0)
		give_up(socket, STEP_CLONE, "");
	if (pid == 0)
		init(&plan, socket);
	struct message born = { .kind = MSG_INIT_PID, .value = (int)pid };
	_exit(send_message(socket, &born, -1) < 0 ? 2 : 0);
}
