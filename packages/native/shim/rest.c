#include "rest.h"
#include "plan.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/*
 * One look at cgroup.procs: kills all that are in it, and answers how many; -1: it cannot be read. Pids are as this process sees them; who
 * is beyond its namespace is a 0, and never ours.
 */
static int kill_those_in(const char *procs)
{
	char text[4096];
	ssize_t n;
	int count = 0, pid = 0;
	int fd = open(procs, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	while ((n = read(fd, text, sizeof text)) > 0)
		for (ssize_t i = 0; i < n; i++) {
			if (text[i] >= '0' && text[i] <= '9') {
				pid = pid * 10 + text[i] - '0';
				continue;
			}
			if (pid > 1 && pid != getpid() && kill(pid, SIGKILL) == 0)
				count++;
			pid = 0;
		}
	int failed = n < 0 && errno != ENODEV; /* ENODEV: it has just been removed */
	return close(fd) < 0 || failed ? -1 : count;
}

/* Again and again, because what is forked meanwhile is in no list that was read before. */
int kill_cgroup(const char *path)
{
	const struct timespec millisecond = { .tv_nsec = 1000000 };
	char procs[PATH_MAX];
	if (strlen(path) + sizeof "/cgroup.procs" > sizeof procs) {
		errno = ENAMETOOLONG;
		return -1;
	}
	*put_text(put_text(procs, path), "/cgroup.procs") = 0;
	for (int tries = 0; tries < 10000; tries++) {
		int count = kill_those_in(procs);
		if (count <= 0)
			return count;
		if (nanosleep(&millisecond, NULL) < 0 && errno != EINTR)
			return -1;
	}
	errno = EBUSY;
	return -1;
}

void kill_rest(const struct plan *plan)
{
	struct record r = { 0 };
	while (plan_next(plan, PHASE_MONITOR, &r))
		if (r.op == OP_KILL_REST && kill_cgroup(arg(&r, 0)) < 0)
			fail_text("processes of the container could not be ended");
}
