#include "stage.h"
#include "copy.h"
#include "enter.h"
#include "handshake.h"
#include "init.h"
#include "plan.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
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

_Noreturn void stage(int socket, char *const *cgroup_procs)
{
	struct message go;
	int fds[2], error;
	run_copy(socket, cgroup_procs);
	error = errno;
	if (receive_message(socket, &go, sizeof go, fds) <= 0)
		_exit(0);
	errno = error;
	give_up(socket, STEP_COPY, "");
}

_Noreturn void sealed_stage(int socket, char *const *cgroup_procs)
{
	struct plan plan;
	struct message go;
	int fds[2], joined = 0;
	const char *refused = NULL;

	for (; *cgroup_procs && !refused; cgroup_procs++) {
		if (write_to(*cgroup_procs, "0") == 0) {
			/* With --init this process stays in the container, where /proc/1/cmdline is not to tell of the host. */
			memset(*cgroup_procs, 0, strlen(*cgroup_procs));
			continue;
		}
		joined = errno;
		refused = *cgroup_procs;
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
