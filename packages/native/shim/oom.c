#include "oom.h"
#include "plan.h"
#include "util.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* memory.events of cgroup v2, memory.oom_control of v1: a line `oom_kill NUMBER` among others. */
unsigned long long oom_kills(const struct plan *plan)
{
	char text[512];
	struct record r;
	if (!plan_find(plan, PHASE_MONITOR, OP_OOM_EVENTS, &r))
		return 0;
	int fd = open(arg(&r, 0), O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (fd >= 0)
		close(fd);
	text[size > 0 ? size : 0] = 0;
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, "oom_kill ", 9) == 0)
			return parse_number(line + 9);
	}
	return 0;
}
