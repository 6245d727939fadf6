#include "join.h"
#include "plan.h"
#include "status.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

/* The kind as a flag of clone(2), its name in /proc, and whose: a pid with its start time. */
static int join(const struct record *r)
{
	char path[64], stat[512];
	pid_t pid = (pid_t)arg_number(r, 2);
	*put_text(put_text(put_number(put_text(path, "/proc/"), pid), "/ns/"), arg(r, 1)) = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		if (errno == ENOENT)
			errno = ESRCH;
		return -1;
	}
	/* Who has this start time now had the number when the path was opened, too. */
	if (strcmp(start_time(pid, stat, sizeof stat), arg(r, 3)) != 0) {
		close(fd);
		errno = ESRCH;
		return -1;
	}
	if (setns(fd, (int)arg_number(r, 0)) < 0)
		return -1;
	return close(fd);
}

int join_namespaces(const struct plan *plan)
{
	struct record r = { 0 };
	while (plan_next(plan, PHASE_MONITOR, &r))
		if (r.op == OP_JOIN && join(&r) < 0)
			return -1;
	return 0;
}
