#include "events.h"
#include "plan.h"
#include "status.h"
#include "util.h"
#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

void append_event(const struct plan *plan, enum event event, int exit_code)
{
	struct record r;
	char tail[80], *end;
	if (!plan_find(plan, PHASE_MONITOR, OP_EVENT, &r) || *arg(&r, event) == 0)
		return;
	end = put_time(tail);
	if (event == EVENT_DIE)
		end = put_number(put_text(end, ",\"exitCode\":"), exit_code);
	end = put_text(end, "}\n");
	/* One write at the end of the file, whoever else appends to it: lines never mix. */
	struct iovec parts[] = { { (void *)arg(&r, event), strlen(arg(&r, event)) }, { tail, (size_t)(end - tail) } };
	int fd = open(arg(&r, 0), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	ssize_t written = fd < 0 ? -1 : writev(fd, parts, 2);
	if (written < 0)
		fail_text("an event could not be written to the journal");
	if (fd >= 0)
		close(fd);
}

void append_end(const struct plan *plan, int exit_code, int oom)
{
	if (oom)
		append_event(plan, EVENT_OOM, 0);
	append_event(plan, EVENT_DIE, exit_code);
}
