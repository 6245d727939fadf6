#include "status.h"
#include "plan.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

char *put_time(char *at)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return put_number(at, now.tv_sec * 1000000000ll + now.tv_nsec);
}

/* Field 22 of /proc/pid/stat: with it a pid names one process for ever. The name in field 2 may hold anything, even `) `. */
static const char *start_time(pid_t pid, char *stat, size_t size)
{
	char path[48];
	*put_text(put_number(put_text(path, "/proc/"), pid), "/stat") = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, stat, size - 1);
	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return "0";
	stat[n] = 0;
	char *field = strrchr(stat, ')');
	for (int i = 2; field && i < 22; i++)
		if ((field = strchr(field, ' ')))
			field++;
	if (!field)
		return "0";
	char *end = strchr(field, ' ');
	if (end)
		*end = 0;
	return field;
}

/* "PID STARTTIME NANOSECONDS RESTARTS\n" */
void write_status(const struct plan *plan, pid_t init, unsigned restarts)
{
	char stat[512], line[640];
	struct record r;
	if (!plan_find(plan, PHASE_MONITOR, OP_STATUS_FILE, &r))
		return;
	char *end = put_number(line, init);
	*end++ = ' ';
	end = put_text(end, start_time(init, stat, sizeof stat));
	*end++ = ' ';
	end = put_time(end);
	*end++ = ' ';
	*put_text(put_number(end, restarts), "\n") = 0;
	if (write_file(arg(&r, 0), line) < 0)
		fail_text("the container runs, but its status file could not be written");
}

/* "CODE SIGNAL NANOSECONDS WORD...\n" */
void write_exit(const struct plan *plan, int status, const char *words)
{
	char line[64];
	struct record r;
	if (!plan_find(plan, PHASE_MONITOR, OP_EXIT_FILE, &r))
		return;
	char *end = put_number(line, WIFEXITED(status) ? WEXITSTATUS(status) : 0);
	*end++ = ' ';
	end = put_number(end, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	*end++ = ' ';
	*put_text(put_text(put_time(end), words), "\n") = 0;
	if (write_file(arg(&r, 0), line) < 0)
		fail_text("the exit status of the container could not be kept");
}

void remove_exit(const struct plan *plan)
{
	struct record r;
	if (plan_find(plan, PHASE_MONITOR, OP_EXIT_FILE, &r) && unlink(arg(&r, 0)) < 0 && errno != ENOENT)
		fail_text("the exit status of a former run could not be removed");
}
